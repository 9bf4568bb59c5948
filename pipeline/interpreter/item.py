"""One item of a Map state, of any source."""

from dataclasses import dataclass

from pipeline.language.json_value import Json

STATE_DATA = "STATE_DATA"
"""``$$.Map.Item.Source`` of items that come from the state's own data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The input of one child of a fan-out.

    Attributes:
        value: An element of an array, a value of an object, an object of S3, a row of a file; for
            a branch of a Parallel state its input, for a batch its whole input.
        key: The key of the value if the items are the pairs of a JSON object; None otherwise.
        source: For a distributed Map its source, an S3 URI or ``STATE_DATA``; None otherwise.
    """

    value: Json
    key: str | None = None
    source: str | None = None
