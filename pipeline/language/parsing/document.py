"""Decoding the text of a definition, with a check that no object repeats a key."""

import json
from collections import Counter
from collections.abc import Callable

from pipeline.language.errors import (
    INVALID_JSON_DESCRIPTION,
    MISSING_DESCRIPTION,
    InvalidDefinition,
    Problem,
)
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.places import below


def read_document(text: str, problems: list[Problem]) -> JsonObject:
    """Decode a definition, and report each key that an object repeats.

    Raises:
        InvalidDefinition: The text is not JSON, or not an object.
    """
    repeated: dict[int, list[str]] = {}

    def make_object(pairs: list[tuple[str, Json]]) -> JsonObject:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeated[id(fields)] = [key for key, count in counts.items() if count > 1]
        return fields

    if not text.strip():
        raise InvalidDefinition((Problem("", "The definition is empty", MISSING_DESCRIPTION),))
    document = _decode(text, make_object)
    if not isinstance(document, dict):
        message = "The definition must be a JSON object"
        raise InvalidDefinition((Problem("", message, INVALID_JSON_DESCRIPTION),))
    if repeated:
        _note_repeated_keys(document, "", repeated, problems)
    return document


def _decode(text: str, make_object: Callable[[list[tuple[str, Json]]], JsonObject]) -> Json:
    try:
        document: Json = json.loads(
            text, object_pairs_hook=make_object, parse_constant=_reject_constant
        )
    except json.JSONDecodeError as error:
        message = f"Not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise InvalidDefinition((Problem("", message, INVALID_JSON_DESCRIPTION),)) from error
    except ValueError as error:  # a constant that was rejected, or an integer of too many digits
        message = f"Not JSON: {error}"
        raise InvalidDefinition((Problem("", message, INVALID_JSON_DESCRIPTION),)) from error
    return document


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _note_repeated_keys(
    value: Json, place: str, repeated: dict[int, list[str]], problems: list[Problem]
) -> None:
    """Walk the document, because the decoder does not know the places of the objects."""
    match value:
        case dict():
            for key in repeated.get(id(value), ()):
                problems.append(
                    Problem(below(place, key), f"The key '{key}' stands there more than once")
                )
            for key, child in value.items():
                _note_repeated_keys(child, below(place, key), repeated, problems)
        case list():
            for index, child in enumerate(value):
                _note_repeated_keys(child, below(place, index), repeated, problems)
