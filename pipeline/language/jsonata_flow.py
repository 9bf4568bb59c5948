"""The flow of a state's data in JSONata.

AWS: "Transforming data with JSONata". The raw input is ``$states.input`` in every field; no field
filters it.
"""

from dataclasses import dataclass

from pipeline.language.input_output import exited
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.jsonata_field import JsonataField
from pipeline.language.visit import Exited, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonataFlow:
    """Arguments, Output and Assign.

    A field that the state's type does not have counts as absent. Each catcher has a flow of its
    own, whose result is the error output, and so does each rule of a Choice state.

    Attributes:
        arguments: The effective input; None leaves the input unchanged.
        output: The output; None leaves the result unchanged.
        assign: The new variables, or None.
        result_name: The field of ``$states`` that holds the result: ``result``, ``errorOutput``, or
            None for a state whose result is its input.
    """

    arguments: JsonataField | None = None
    output: JsonataField | None = None
    assign: JsonataField | None = None
    result_name: str | None = None

    def filtered_input(self, visit: Visit) -> Json:
        """The raw input."""
        return visit.input

    def effective_input(self, filtered: Json, visit: Visit) -> Json:
        """The value of Arguments, or the input."""
        effective = filtered if self.arguments is None else self.arguments.evaluate(visit)
        visit.show("afterArguments", effective)
        return effective

    def leave(self, next_state: str | None, result: Json, visit: Visit) -> Exited:
        """Leave the state with its result; a state without one passes its input.

        Raises:
            ExecutionError: A field cannot be evaluated, or the output or a variable is too large.
        """
        visit.show("result", result)
        more: JsonObject = {} if self.result_name is None else {self.result_name: result}
        assigned = None if self.assign is None else self.assign.evaluate(visit, more)
        output = result if self.output is None else self.output.evaluate(visit, more)
        return exited(next_state, output, assigned, visit)
