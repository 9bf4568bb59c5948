"""The Choice state: goes to the state of the first matching rule."""

from dataclasses import dataclass
from typing import TypeAlias

from pipeline.language.choice_rules import ChoiceRule
from pipeline.language.data_flow import DataFlow
from pipeline.language.errors import NO_CHOICE_MATCHED, ExecutionError
from pipeline.language.input_output import in_state
from pipeline.language.json_value import Json
from pipeline.language.jsonata_field import JsonataField
from pipeline.language.states.common import InputOutput, StateFields
from pipeline.language.visit import Exited, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class PathCondition:
    """A choice rule of JSONPath: comparisons, and their combination."""

    rule: ChoiceRule

    def holds(self, document: Json, visit: Visit) -> bool:
        """Whether the rule matches.

        Raises:
            ExecutionError: States.Runtime, if a path finds nothing.
        """
        try:
            return self.rule.matches(visit.evaluation(document))
        except ExecutionError as error:
            raise in_state(error, visit) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonataCondition:
    """``Condition`` of a choice rule of JSONata."""

    field: JsonataField

    def holds(self, _document: Json, visit: Visit) -> bool:
        """Whether the expression is true.

        Raises:
            ExecutionError: States.QueryEvaluationError, if its value is not a boolean.
        """
        return self.field.evaluate_as("boolean", visit) is True


Condition: TypeAlias = PathCondition | JsonataCondition


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One element of ``Choices``.

    Attributes:
        condition: The condition for taking it.
        next: The next state.
        flow: The data flow, with the rule's own Assign and Output instead of the state's.
    """

    condition: Condition
    next: str
    flow: DataFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(StateFields, InputOutput):
    """A Choice state. ``flow`` leads to ``default``, which may be None."""

    choices: tuple[Alternative, ...]
    default: str | None


def enter(state: Choice, visit: Visit) -> Exited:
    """Go to the state of the first matching rule, or to the default.

    Raises:
        ExecutionError: States.NoChoiceMatched, if no rule matches and there is no default.
    """
    document = state.flow.filtered_input(visit)
    for alternative in state.choices:
        if alternative.condition.holds(document, visit):
            return alternative.flow.leave(alternative.next, document, visit)
    if state.default is None:
        raise visit.failure(
            "Failed to transition out of the state. The state does not point to a next state.",
            NO_CHOICE_MATCHED,
        )
    return state.flow.leave(state.default, document, visit)
