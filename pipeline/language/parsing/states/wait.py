"""Parses the Wait state (specification: "Wait State")."""

from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.paths import constant_or_path
from pipeline.language.parsing.seams import refuse_unsupported
from pipeline.language.parsing.shared_fields import (
    read_input_output,
    read_state_fields,
    read_transition,
)
from pipeline.language.states.wait import Wait
from pipeline.language.timestamps import parse_timestamp


def parse_wait(reader: ObjectReader, name: str) -> Wait:
    """Parse a Wait state."""
    refuse_unsupported(reader, "Assign", "Output")
    reader.exactly_one("Seconds", "Timestamp", "SecondsPath", "TimestampPath")
    seconds = reader.integer("Seconds", minimum=0)
    timestamp = reader.expression("Timestamp", parse_timestamp)
    return Wait(
        **read_state_fields(reader, name),
        **read_input_output(reader),
        **read_transition(reader),
        seconds=constant_or_path(reader, "Seconds", seconds),
        timestamp=constant_or_path(reader, "Timestamp", timestamp),
    )
