"""Parses the Pass state (specification: "Pass State")."""

from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.paths import read_result_path
from pipeline.language.parsing.seams import refuse_unsupported
from pipeline.language.parsing.shared_fields import (
    read_input_output,
    read_state_fields,
    read_transition,
)
from pipeline.language.states.pass_ import Pass


def parse_pass(reader: ObjectReader, name: str) -> Pass:
    """Parse a Pass state."""
    refuse_unsupported(reader, "Assign", "Output")
    return Pass(
        **read_state_fields(reader, name),
        **read_input_output(reader),
        **read_transition(reader),
        has_result="Result" in reader,
        result=reader.value("Result"),
        parameters=reader.template("Parameters"),
        result_path=read_result_path(reader),
    )
