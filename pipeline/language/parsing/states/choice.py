"""Parses the Choice state (specification: "Choice State")."""

from pipeline.language.choice_rules import ChoiceRule, parse_choice_rule
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.seams import refuse_unsupported
from pipeline.language.parsing.shared_fields import read_input_output, read_state_fields
from pipeline.language.states.choice import Choice


def parse_choice(reader: ObjectReader, name: str) -> Choice:
    """Parse a Choice state."""
    refuse_unsupported(reader, "Assign", "Output")
    return Choice(
        **read_state_fields(reader, name),
        **read_input_output(reader),
        choices=_parse_choices(reader),
        default=reader.text("Default"),
    )


def _parse_choices(reader: ObjectReader) -> tuple[ChoiceRule, ...]:
    if reader.require("Choices") and reader.value("Choices") == []:
        reader.problem("'Choices' must hold at least one rule", "Choices")
    rules = (
        parse_choice_rule(element.fields, element.place, element.problems)
        for element in reader.objects("Choices")
    )
    return tuple(rule for rule in rules if rule is not None)
