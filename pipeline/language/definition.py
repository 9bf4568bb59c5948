"""Parsing a definition in the Amazon States Language into a ``StateMachine``.

Specification: "Structure of a State Machine".
"""

from pipeline.language.errors import TOO_DEEPLY_NESTED, InvalidDefinition, Problem
from pipeline.language.json_value import JsonObject
from pipeline.language.parsing.document import read_document
from pipeline.language.parsing.labels import check_labels
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.query_language import read_query_language
from pipeline.language.parsing.scopes import ScopeParser
from pipeline.language.parsing.variable_scopes import check_variable_scopes
from pipeline.language.state_machine import StateMachine


def parse_definition(document: str | JsonObject) -> StateMachine:
    """Parse and validate a definition, given as JSON text or already decoded.

    Raises:
        InvalidDefinition: It does not conform, or uses something unsupported; names all problems.
    """
    problems: list[Problem] = []
    try:
        fields = read_document(document, problems) if isinstance(document, str) else document
        machine = _parse_machine(ObjectReader(fields, "", problems))
    except RecursionError:
        # Both the JSON decoder and the parsers recurse into the document.
        problem = Problem("", "The definition is nested too deeply", TOO_DEEPLY_NESTED)
        raise InvalidDefinition((problem,)) from None
    if problems:
        raise InvalidDefinition(tuple(problems))
    return machine


def _parse_machine(reader: ObjectReader) -> StateMachine:
    scope_parser = ScopeParser(read_query_language(reader))
    reader.one_of("Version", ("1.0",))
    timeout_seconds = reader.integer("TimeoutSeconds", minimum=1)
    comment = reader.text("Comment")
    scope_parser.parse(reader)
    check_labels(scope_parser.scopes, reader.problems)
    check_variable_scopes(reader.fields, reader.problems)
    reader.reject_unknown_fields("a state machine")
    return StateMachine(
        scopes=scope_parser.scopes, timeout_seconds=timeout_seconds, comment=comment
    )
