"""Parses the Succeed state (specification: "Succeed State")."""

from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.seams import refuse_unsupported
from pipeline.language.parsing.shared_fields import read_input_output, read_state_fields
from pipeline.language.states.succeed import Succeed


def parse_succeed(reader: ObjectReader, name: str) -> Succeed:
    """Parse a Succeed state."""
    refuse_unsupported(reader, "Output")
    return Succeed(**read_state_fields(reader, name), **read_input_output(reader))
