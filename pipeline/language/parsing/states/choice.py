"""Parses the Choice state (specification: "Choice State")."""

from pipeline.language.choice_rules import parse_choice_rule
from pipeline.language.data_flow import DataFlow
from pipeline.language.jsonata_field import JsonataField
from pipeline.language.parsing.data_flow import read_data_flow, read_rule_flow
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.shared_fields import read_state_fields
from pipeline.language.parsing.templates import read_jsonata, read_jsonata_string
from pipeline.language.query_language import QueryLanguage
from pipeline.language.states.choice import (
    Alternative,
    Choice,
    JsonataCondition,
    PathCondition,
)


def parse_choice(reader: ObjectReader, name: str) -> Choice:
    """Parse a Choice state."""
    flow = read_data_flow(reader, "Assign")
    return Choice(
        **read_state_fields(reader, name),
        flow=flow,
        choices=_parse_choices(reader, flow),
        default=reader.text("Default"),
    )


def _parse_choices(reader: ObjectReader, flow: DataFlow) -> tuple[Alternative, ...]:
    if reader.require("Choices") and reader.value("Choices") == []:
        reader.problem("'Choices' must hold at least one rule", "Choices")
    alternatives = (_parse_alternative(element, flow) for element in reader.objects("Choices"))
    return tuple(each for each in alternatives if each is not None)


def _parse_alternative(reader: ObjectReader, flow: DataFlow) -> Alternative | None:
    if reader.language is QueryLanguage.JSONATA:
        return _parse_jsonata_alternative(reader, flow)
    rule = parse_choice_rule(reader.fields, reader.place, reader.problems)
    own_flow = read_rule_flow(reader, flow)
    if rule is None or rule.next is None:
        return None
    return Alternative(condition=PathCondition(rule=rule), next=rule.next, flow=own_flow)


def _parse_jsonata_alternative(reader: ObjectReader, flow: DataFlow) -> Alternative | None:
    reader.text("Comment")
    reader.require("Condition")
    condition = _read_condition(reader)
    target = reader.required_text("Next")
    own_flow = read_rule_flow(reader, flow)
    reader.reject_unknown_fields("a choice rule")
    if condition is None:
        return None
    return Alternative(condition=JsonataCondition(field=condition), next=target, flow=own_flow)


def _read_condition(reader: ObjectReader) -> JsonataField | None:
    """``Condition``: a JSONata string or a boolean."""
    expression = read_jsonata_string(reader, "Condition")
    if expression is None and "Condition" in reader and reader.boolean("Condition") is not None:
        return read_jsonata(reader, "Condition")
    return expression
