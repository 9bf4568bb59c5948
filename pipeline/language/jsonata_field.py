"""A field of a state in JSONata: ``{% ... %}``, or JSON that contains such strings.

AWS: "Transforming data with JSONata". Every result and every error of an expression passes this
module, so that each failure is in the history and names its state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.language.errors import QUERY_EVALUATION_ERROR, ExecutionError
from pipeline.language.json_value import Json
from pipeline.language.query.jsonata_template import JsonataTemplate
from pipeline.language.visit import Visit

_NOTHING_MORE: Mapping[str, Json] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonataField:
    """A parsed field.

    Attributes:
        name: Its place in the state: ``Output``, ``ItemReader/ReaderConfig/MaxItems``.
        template: Its value.
    """

    name: str
    template: JsonataTemplate

    def evaluate(self, visit: Visit, more: Mapping[str, Json] = _NOTHING_MORE) -> Json:
        """The value.

        Args:
            visit: The visit to the state.
            more: Fields of ``$states`` besides the input and the context: ``result`` or
                ``errorOutput``.

        Raises:
            ExecutionError: States.QueryEvaluationError.
        """
        try:
            return self.template.evaluate(visit.jsonata(more), self.name)
        except ExecutionError as error:
            raise self.failure(error.cause, visit) from error

    def evaluate_as(self, expected: str, visit: Visit) -> Json:
        """The value, which must have a type.

        Args:
            expected: ``string``, ``number``, ``boolean``, ``array`` or ``object``.
            visit: The visit to the state.

        Raises:
            ExecutionError: States.QueryEvaluationError.
        """
        try:
            return self.template.evaluate_typed(visit.jsonata(_NOTHING_MORE), self.name, expected)
        except ExecutionError as error:
            raise self.failure(error.cause, visit) from error

    def failure(self, cause: str, visit: Visit) -> ExecutionError:
        """Record a value that cannot be computed or used, and return the error."""
        return evaluation_failure(cause, visit, location=self.name)


def evaluation_failure(cause: str, visit: Visit, *, location: str | None) -> ExecutionError:
    """Record the failure of a JSONata state's data, and return the error.

    Args:
        cause: What is wrong, without the state's name.
        visit: The visit to the state.
        location: The field; None if the state lacks it.
    """
    error = visit.failure(cause, QUERY_EVALUATION_ERROR)
    details = {"error": error.error, "cause": error.cause, "state": visit.name}
    if location is not None:
        details["location"] = location
    visit.record("EvaluationFailed", details)
    return error
