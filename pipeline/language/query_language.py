"""The query languages of a state's fields (specification: "QueryLanguage").

A state machine chooses one for its states, by default JSONPath. A state of a JSONPath machine may
use JSONata instead.
"""

from enum import StrEnum


class QueryLanguage(StrEnum):
    """``QueryLanguage``."""

    JSON_PATH = "JSONPath"
    JSONATA = "JSONata"


_OF_JSON_PATH = frozenset(
    {
        "InputPath",
        "ItemsPath",
        "OutputPath",
        "Parameters",
        "Result",
        "ResultPath",
        "ResultSelector",
        "Variable",
    }
)
_OF_JSONATA = frozenset({"Arguments", "Condition", "Items", "Output"})


def language_of_field(name: str) -> QueryLanguage | None:
    """The only query language that has a field of this name; None if both or neither have it."""
    if name in _OF_JSONATA:
        return QueryLanguage.JSONATA
    if name in _OF_JSON_PATH or name.endswith("Path"):
        return QueryLanguage.JSON_PATH
    return None
