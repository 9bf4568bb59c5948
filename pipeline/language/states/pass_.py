"""The Pass state: passes its input on, or a fixed or shaped result."""

from dataclasses import dataclass

from pipeline.language.input_output import effective_input, leave, place_result
from pipeline.language.json_value import Json
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.query.reference_path import ReferencePath
from pipeline.language.states.common import InputOutput, StateFields, Transition
from pipeline.language.visit import Exited, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(StateFields, InputOutput, Transition):
    """A Pass state.

    Attributes:
        has_result: Whether ``Result`` is present (null is a value).
        result: The fixed result.
        parameters: Template of the effective input, or None.
        result_path: Where the result goes; None discards it.
    """

    has_result: bool
    result: Json
    parameters: PayloadTemplate | None
    result_path: ReferencePath | None


def enter(state: Pass, visit: Visit) -> Exited:
    """Pass on the fixed result, or else the effective input."""
    result = effective_input(state, state.parameters, visit)
    if state.has_result:
        result = state.result
    return leave(state, state.next, place_result(result, state.result_path, visit), visit)
