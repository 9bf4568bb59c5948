"""What a reader of one file gives for each item."""

from typing import TypeAlias

from pipeline.language.json_value import Json

Entry: TypeAlias = tuple[str | None, Json]
"""The item's key, where the items are the pairs of an object, and its value."""
