"""The Choice state: goes where the first matching rule says."""

from dataclasses import dataclass

from pipeline.language.choice_rules import ChoiceRule
from pipeline.language.errors import NO_CHOICE_MATCHED, ExecutionError
from pipeline.language.input_output import filtered_input, in_state, leave
from pipeline.language.json_value import Json
from pipeline.language.states.common import InputOutput, StateFields
from pipeline.language.visit import Exited, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(StateFields, InputOutput):
    """A Choice state; ``default`` is None when there is none."""

    choices: tuple[ChoiceRule, ...]
    default: str | None


def enter(state: Choice, visit: Visit) -> Exited:
    """Go where the first matching rule says, or to the default.

    Raises:
        ExecutionError: States.NoChoiceMatched; nothing matches and there is no default.
    """
    document = filtered_input(state, visit)
    chosen = _first_match(state, document, visit) or state.default
    if chosen is None:
        raise visit.failure(
            "Failed to transition out of the state. The state does not point to a next state.",
            NO_CHOICE_MATCHED,
        )
    return leave(state, chosen, document, visit)


def _first_match(state: Choice, document: Json, visit: Visit) -> str | None:
    evaluation = visit.evaluation(document)
    try:
        return next((rule.next for rule in state.choices if rule.matches(evaluation)), None)
    except ExecutionError as error:
        raise in_state(error, visit) from error
