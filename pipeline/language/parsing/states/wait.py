"""Parses the Wait state (specification: "Wait State")."""

from pipeline.language.fields import Expression
from pipeline.language.parsing.data_flow import read_data_flow
from pipeline.language.parsing.numbers import read_integer
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.paths import constant_or_path
from pipeline.language.parsing.shared_fields import read_state_fields, read_transition
from pipeline.language.parsing.templates import read_jsonata_string
from pipeline.language.query_language import QueryLanguage
from pipeline.language.states.wait import Wait
from pipeline.language.timestamps import parse_timestamp


def _read_timestamp(reader: ObjectReader) -> float | Expression | None:
    if (expression := read_jsonata_string(reader, "Timestamp")) is not None:
        return expression
    return constant_or_path(reader, "Timestamp", reader.expression("Timestamp", parse_timestamp))


def parse_wait(reader: ObjectReader, name: str) -> Wait:
    """Parse a Wait state."""
    paths = () if reader.language is QueryLanguage.JSONATA else ("SecondsPath", "TimestampPath")
    reader.exactly_one("Seconds", "Timestamp", *paths)
    return Wait(
        **read_state_fields(reader, name),
        **read_transition(reader),
        flow=read_data_flow(reader, "Assign"),
        seconds=read_integer(reader, "Seconds", minimum=0),
        timestamp=_read_timestamp(reader),
    )
