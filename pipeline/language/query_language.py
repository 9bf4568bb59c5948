"""The query languages in which the fields of a state are written (specification: "QueryLanguage").

A state machine names one for its states, JSONPath unless it says so; a state of a JSONPath machine
may be written in JSONata instead.
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
    """The query language that alone has a field of that name, or None."""
    if name in _OF_JSONATA:
        return QueryLanguage.JSONATA
    if name in _OF_JSON_PATH or name.endswith("Path"):
        return QueryLanguage.JSON_PATH
    return None
