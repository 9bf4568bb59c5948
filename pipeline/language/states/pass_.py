"""The Pass state: passes its input on, or a fixed or computed result."""

from dataclasses import dataclass

from pipeline.language.json_value import Json
from pipeline.language.states.common import InputOutput, StateFields, Transition
from pipeline.language.visit import Exited, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(StateFields, InputOutput, Transition):
    """A Pass state.

    Attributes:
        has_result: Whether ``Result`` is present; its value may be null.
        result: The fixed result.
    """

    has_result: bool
    result: Json


def enter(state: Pass, visit: Visit) -> Exited:
    """Pass on the fixed result, or the effective input without one."""
    flow = state.flow
    result = flow.effective_input(flow.filtered_input(visit), visit)
    if state.has_result:
        result = state.result
    return flow.leave(state.next, result, visit)
