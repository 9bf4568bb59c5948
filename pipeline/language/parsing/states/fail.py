"""Parses the Fail state (specification: "Fail State")."""

from typing import TypeAlias

from pipeline.language.errors import InvalidExpression
from pipeline.language.jsonata_field import JsonataField
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.shared_fields import read_state_fields
from pipeline.language.parsing.templates import read_jsonata
from pipeline.language.query.intrinsic_functions import IntrinsicCall, parse_intrinsic_call
from pipeline.language.query.json_path import JsonPath, parse_json_path
from pipeline.language.query_language import QueryLanguage
from pipeline.language.states.fail import Fail

_FUNCTIONS = (
    "States.ArrayGetItem",
    "States.Base64Decode",
    "States.Base64Encode",
    "States.Format",
    "States.Hash",
    "States.JsonToString",
    "States.UUID",
)
"""The intrinsic functions that return a string, which AWS allows in ErrorPath and CausePath."""

_Expression: TypeAlias = JsonPath | IntrinsicCall | JsonataField


def parse_fail(reader: ObjectReader, name: str) -> Fail:
    """Parse a Fail state."""
    return Fail(
        **read_state_fields(reader, name),
        error=_parse_text_or_path(reader, "Error"),
        cause=_parse_text_or_path(reader, "Cause"),
    )


def _parse_text_or_path(reader: ObjectReader, name: str) -> str | _Expression | None:
    if reader.language is QueryLanguage.JSONATA:
        return read_jsonata(reader, name, str)
    reader.at_most_one(name, f"{name}Path")
    text = reader.text(name)
    path = reader.expression(f"{name}Path", _parse_expression)
    return path if text is None else text


def _parse_expression(text: str) -> JsonPath | IntrinsicCall:
    if not text.startswith("States."):
        return parse_json_path(text)
    name, _, _ = text.partition("(")
    call = parse_intrinsic_call(text)
    if (function := name.strip()) not in _FUNCTIONS:
        raise InvalidExpression(f"'{function}' is not one of {', '.join(_FUNCTIONS)}")
    return call
