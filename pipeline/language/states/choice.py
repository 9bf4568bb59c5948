"""The Choice state: goes where the first matching rule says."""

from dataclasses import dataclass

from pipeline.language.choice_rules import ChoiceRule
from pipeline.language.states.common import InputOutput, StateFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(StateFields, InputOutput):
    """A Choice state; ``default`` is None when there is none."""

    choices: tuple[ChoiceRule, ...]
    default: str | None
