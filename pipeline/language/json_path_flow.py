"""The flow of a state's data in JSONPath.

Specification: "Input and Output Processing".
"""

from dataclasses import dataclass

from pipeline.language.errors import ExecutionError
from pipeline.language.fields import fill
from pipeline.language.input_output import exited, find, in_state
from pipeline.language.json_value import Json
from pipeline.language.query.json_path import JsonPath, parse_json_path
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.query.reference_path import ReferencePath, parse_reference_path
from pipeline.language.visit import Exited, Visit

_WHOLE = parse_json_path("$")
_ROOT = parse_reference_path("$")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonPathFlow:
    """InputPath, Parameters, ResultSelector, ResultPath, OutputPath and Assign.

    A field that the state's type does not have counts as absent. Each catcher has a flow of its
    own, whose result is the error output, and so does each rule of a Choice state.

    Attributes:
        input_path: The part of the raw input that the state gets; None (``null``) gives ``{}``.
        parameters: Template of the effective input; None leaves the input unchanged.
        result_selector: Template of the effective result; None leaves the result unchanged.
        result_path: The place of the result in the raw input; None (``null``) discards the result.
        output_path: The part of that which becomes the output; None (``null``) gives ``{}``.
        assign: Template of the new variables, ``$`` being the effective result; or None.
    """

    input_path: JsonPath | None = _WHOLE
    parameters: PayloadTemplate | None = None
    result_selector: PayloadTemplate | None = None
    result_path: ReferencePath | None = _ROOT
    output_path: JsonPath | None = _WHOLE
    assign: PayloadTemplate | None = None

    def filtered_input(self, visit: Visit) -> Json:
        """The raw input after InputPath."""
        filtered = {} if self.input_path is None else find(self.input_path, visit.input, visit)
        visit.show("afterInputPath", filtered)
        return filtered

    def effective_input(self, filtered: Json, visit: Visit) -> Json:
        """The filtered input after Parameters."""
        effective = filtered if self.parameters is None else fill(self.parameters, filtered, visit)
        visit.show("afterParameters", effective)
        return effective

    def leave(self, next_state: str | None, result: Json, visit: Visit) -> Exited:
        """Leave the state with its result; a state without one passes its input.

        Raises:
            ExecutionError: A field cannot be evaluated, or the output or a variable is too large.
        """
        visit.show("result", result)
        if self.result_selector is not None:
            result = fill(self.result_selector, result, visit)
        visit.show("afterResultSelector", result)
        assigned = None
        if self.assign is not None:
            assigned = fill(self.assign, result, visit)
        output: Json = {}
        if self.output_path is not None:
            placed = self._placed(result, visit)
            visit.show("afterResultPath", placed)
            output = find(self.output_path, placed, visit)
        return exited(next_state, output, assigned, visit)

    def _placed(self, result: Json, visit: Visit) -> Json:
        """The raw input with the result at ResultPath."""
        if self.result_path is None:
            return visit.input
        try:
            return self.result_path.put(visit.input, result)
        except ExecutionError as error:
            raise in_state(error, visit) from error
