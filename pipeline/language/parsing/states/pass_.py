"""Parses the Pass state (specification: "Pass State")."""

from pipeline.language.parsing.data_flow import read_data_flow
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.shared_fields import read_state_fields, read_transition
from pipeline.language.query_language import QueryLanguage
from pipeline.language.states.pass_ import Pass


def parse_pass(reader: ObjectReader, name: str) -> Pass:
    """Parse a Pass state."""
    has_result = reader.language is QueryLanguage.JSON_PATH and "Result" in reader
    return Pass(
        **read_state_fields(reader, name),
        **read_transition(reader),
        flow=read_data_flow(reader, "Assign", "Parameters", "ResultPath"),
        has_result=has_result,
        result=reader.value("Result") if has_result else None,
    )
