"""A field of a state that is written in JSONata: ``{% ... %}``, or JSON that holds such strings.

AWS: "Transforming data with JSONata". Everything an expression gives or raises passes here, so
that each failure is in the history and names its state.
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
        name: Where it stands in its state: ``Output``, ``ItemReader/ReaderConfig/MaxItems``.
        template: Its value.
    """

    name: str
    template: JsonataTemplate

    def evaluate(self, visit: Visit, more: Mapping[str, Json] = _NOTHING_MORE) -> Json:
        """The value.

        Args:
            visit: The visit to the state.
            more: What ``$states`` holds beside the input and the context: ``result`` or
                ``errorOutput``.

        Raises:
            ExecutionError: States.QueryEvaluationError.
        """
        try:
            return self.template.evaluate(visit.jsonata(more), self.name)
        except ExecutionError as error:
            raise self.failure(error.cause, visit) from error

    def evaluate_as(self, expected: str, visit: Visit) -> Json:
        """The value, which must be of a type.

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
        """The error of a value that cannot be had or cannot be used, after its event."""
        return evaluation_failure(cause, visit, location=self.name)


def evaluation_failure(cause: str, visit: Visit, *, location: str | None) -> ExecutionError:
    """The error of a state of JSONata whose data cannot be used, after its event.

    Args:
        cause: What is wrong, without the state.
        visit: The visit to the state.
        location: The field, or None where the state lacks it.
    """
    error = visit.failure(cause, QUERY_EVALUATION_ERROR)
    details = {"error": error.error, "cause": error.cause, "state": visit.name}
    if location is not None:
        details["location"] = location
    visit.record("EvaluationFailed", details)
    return error
