"""One item of a Map state, wherever it came from."""

from dataclasses import dataclass

from pipeline.language.json_value import Json

STATE_DATA = "STATE_DATA"
"""``$$.Map.Item.Source`` of items that the state itself has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What one child of a fan-out is made for.

    Attributes:
        value: An element of an array, a value of an object, an object of S3, a row of a file; for
            a branch of a Parallel state its input, for a batch its whole input.
        key: The key of the value, where the items are those of a JSON object.
        source: Where a distributed Map got it from: an S3 URI or ``STATE_DATA``; None elsewhere.
    """

    value: Json
    key: str | None = None
    source: str | None = None
