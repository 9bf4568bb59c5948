"""A parsed definition: frozen dataclasses that the interpreter runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.language.states.choice import Choice
from pipeline.language.states.fail import Fail
from pipeline.language.states.map import Map
from pipeline.language.states.parallel import Parallel
from pipeline.language.states.pass_ import Pass
from pipeline.language.states.succeed import Succeed
from pipeline.language.states.task import Task
from pipeline.language.states.wait import Wait

State: TypeAlias = Choice | Fail | Map | Parallel | Pass | Succeed | Task | Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class SubStateMachine:
    """A scope of states: the whole machine, a branch, or an item processor.

    Attributes:
        scope: JSON pointer of the object that holds ``States``: ``""`` for the machine itself,
            ``/States/Fan/Branches/0``, ``/States/Each/ItemProcessor``.
        start_at: Name of the first state.
        states: The states by name.
    """

    scope: str
    start_at: str
    states: Mapping[str, State]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachine:
    """A whole definition.

    Attributes:
        scopes: Every scope of the document by its JSON pointer; ``scopes[""]`` is the root.
        timeout_seconds: Limit of an execution's length in seconds, or None.
        comment: Free text, or None.
    """

    scopes: Mapping[str, SubStateMachine]
    timeout_seconds: int | None
    comment: str | None
