"""The form in which the reader of a file yields each item."""

from typing import TypeAlias

from pipeline.language.json_value import Json

Entry: TypeAlias = tuple[str | None, Json]
"""The item's key, if the items are the pairs of an object, and its value."""
