"""Choice rules: comparisons and their combination by And, Or and Not.

Specification: "Choice State".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from pipeline.language.comparisons import OPERATORS, DataTest
from pipeline.language.errors import InvalidExpression, Problem
from pipeline.language.evaluation import Evaluation
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.places import below
from pipeline.language.query.json_path import JsonPath, parse_definite_path, parse_json_path


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRule:
    """One rule.

    Attributes:
        next: The state that follows if the rule matches; None for a rule inside another.
        condition: The test.
    """

    next: str | None
    condition: "Condition"

    def matches(self, evaluation: Evaluation) -> bool:
        """Whether the rule matches.

        Raises:
            ExecutionError: States.Runtime, if a path finds nothing.
        """
        return self.condition.matches(evaluation)


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """Matches if every rule does. Stops at the first rule that does not."""

    rules: tuple[ChoiceRule, ...]

    def matches(self, evaluation: Evaluation) -> bool:
        """Whether every rule matches."""
        return all(rule.matches(evaluation) for rule in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """Matches if any rule does. Stops at the first rule that does."""

    rules: tuple[ChoiceRule, ...]

    def matches(self, evaluation: Evaluation) -> bool:
        """Whether any rule matches."""
        return any(rule.matches(evaluation) for rule in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Matches if the rule does not."""

    rule: ChoiceRule

    def matches(self, evaluation: Evaluation) -> bool:
        """Whether the rule does not match."""
        return not self.rule.matches(evaluation)


Condition: TypeAlias = DataTest | And | Or | Not


def parse_choice_rule(
    fields: Json, place: str, problems: list[Problem], *, top_level: bool = True
) -> ChoiceRule | None:
    """Parses and validates one rule.

    Args:
        fields: The rule's object.
        place: Its JSON pointer in the definition.
        problems: Gets every problem of the rule and of the rules inside it.
        top_level: Whether it is an element of ``Choices``, which must have ``Next``.

    Returns:
        The rule, or None if it has problems.
    """
    if not isinstance(fields, dict):
        problems.append(Problem(place, "A choice rule must be an object"))
        return None
    before = len(problems)
    next_state = _parse_next(fields, place, problems, top_level=top_level)
    # The parser of the Choice state parses Assign.
    others = {"Assign", "Comment", "Next"} if top_level else {"Comment", "Next"}
    condition = _parse_condition(fields, others, place, problems)
    if condition is None or len(problems) > before:
        return None
    return ChoiceRule(next=next_state, condition=condition)


def _parse_next(
    fields: JsonObject, place: str, problems: list[Problem], *, top_level: bool
) -> str | None:
    if not top_level:
        if "Next" in fields:
            message = "Next is only allowed in a top-level choice rule"
            problems.append(Problem(below(place, "Next"), message))
        return None
    next_state = fields.get("Next")
    if isinstance(next_state, str):
        return next_state
    if "Next" in fields:
        problems.append(Problem(below(place, "Next"), "Next must be a string"))
    else:
        problems.append(Problem(place, "A top-level choice rule must have a Next field"))
    return None


def _parse_condition(
    fields: JsonObject, others: set[str], place: str, problems: list[Problem]
) -> Condition | None:
    operators = [name for name in fields if name in OPERATORS or name in _COMBINATIONS]
    known = {*others, *operators}
    if not operators or any(name in OPERATORS for name in operators):
        known.add("Variable")
    _check_other_fields(fields, operators, known, place, problems)
    if len(operators) != 1:
        found = f"it has {', '.join(operators)}" if operators else "it has none"
        message = f"A choice rule must have exactly one operator, but {found}"
        problems.append(Problem(place, message))
        return None
    name = operators[0]
    if name in _COMBINATIONS:
        return _COMBINATIONS[name](fields[name], below(place, name), problems)
    return _parse_comparison(name, fields, place, problems)


def _check_other_fields(
    fields: JsonObject,
    operators: list[str],
    known: set[str],
    place: str,
    problems: list[Problem],
) -> None:
    for name in fields:
        if name not in known:
            message = (
                f"The field '{name}' is not allowed in a choice rule with {_listed(operators)}"
            )
            problems.append(Problem(below(place, name), message))
    if not isinstance(fields.get("Comment", ""), str):
        problems.append(Problem(below(place, "Comment"), "Comment must be a string"))


def _listed(operators: list[str]) -> str:
    return " and ".join(operators) if operators else "no known operator"


def _parse_comparison(
    name: str, fields: JsonObject, place: str, problems: list[Problem]
) -> DataTest | None:
    variable = _parse_variable(fields, place, problems)
    try:
        # With a bad Variable, the root path replaces it, so that a bad operand is reported, too.
        return OPERATORS[name](variable or parse_json_path("$"), fields[name])
    except InvalidExpression as error:
        problems.append(Problem(below(place, name), str(error)))
        return None


def _parse_variable(fields: JsonObject, place: str, problems: list[Problem]) -> JsonPath | None:
    if "Variable" not in fields:
        problems.append(Problem(place, "A comparison must have a Variable field"))
        return None
    text = fields["Variable"]
    try:
        if not isinstance(text, str):
            raise InvalidExpression("Variable must be a path")
        return parse_definite_path(text)
    except InvalidExpression as error:
        problems.append(Problem(below(place, "Variable"), str(error)))
        return None


def _parse_and(value: Json, place: str, problems: list[Problem]) -> Condition:
    return And(rules=_parse_rules(value, place, problems))


def _parse_or(value: Json, place: str, problems: list[Problem]) -> Condition:
    return Or(rules=_parse_rules(value, place, problems))


def _parse_not(value: Json, place: str, problems: list[Problem]) -> Condition | None:
    rule = parse_choice_rule(value, place, problems, top_level=False)
    return None if rule is None else Not(rule=rule)


def _parse_rules(value: Json, place: str, problems: list[Problem]) -> tuple[ChoiceRule, ...]:
    if not isinstance(value, list) or not value:
        problems.append(Problem(place, "The value must be a non-empty array of choice rules"))
        return ()
    rules = [
        parse_choice_rule(rule, below(place, index), problems, top_level=False)
        for index, rule in enumerate(value)
    ]
    return tuple(rule for rule in rules if rule is not None)


_COMBINATIONS: Mapping[str, Callable[[Json, str, list[Problem]], Condition | None]] = (
    MappingProxyType({"And": _parse_and, "Or": _parse_or, "Not": _parse_not})
)
