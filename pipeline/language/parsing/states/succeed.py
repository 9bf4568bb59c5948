"""Parses the Succeed state (specification: "Succeed State")."""

from pipeline.language.parsing.data_flow import read_data_flow
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.shared_fields import read_state_fields
from pipeline.language.states.succeed import Succeed


def parse_succeed(reader: ObjectReader, name: str) -> Succeed:
    """Parse a Succeed state."""
    return Succeed(**read_state_fields(reader, name), flow=read_data_flow(reader))
