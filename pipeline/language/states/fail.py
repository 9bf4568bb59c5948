"""The Fail state: ends its scope with an error."""

from dataclasses import dataclass

from pipeline.language.errors import ExecutionError, PathNotFound, UndefinedVariable
from pipeline.language.input_output import in_state
from pipeline.language.json_value import dumps
from pipeline.language.jsonata_field import JsonataField
from pipeline.language.outcomes import Failed
from pipeline.language.query.intrinsic_functions import IntrinsicCall
from pipeline.language.query.json_path import JsonPath
from pipeline.language.states.common import StateFields
from pipeline.language.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(StateFields):
    """A Fail state; each field is a text, an expression that computes it, or None."""

    error: str | JsonPath | IntrinsicCall | JsonataField | None
    cause: str | JsonPath | IntrinsicCall | JsonataField | None


def enter(state: Fail, visit: Visit) -> Failed:
    """End the scope with the error."""
    error = _text("ErrorPath", state.error, visit)
    return Failed(error=error, cause=_text("CausePath", state.cause, visit))


def _text(
    field: str, value: str | JsonPath | IntrinsicCall | JsonataField | None, visit: Visit
) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, JsonataField):
        return str(value.evaluate_as("string", visit))
    try:
        text = value.evaluate(visit.evaluation(visit.input))
    except UndefinedVariable as undefined:
        raise visit.failure(str(undefined)) from undefined
    except PathNotFound as missing:
        cause = (
            f"The JSONPath '{missing.path}' specified for the field '{field}' could not be found in"
            f" the input '{dumps(visit.input)}'"
        )
        raise visit.failure(cause) from missing
    except ExecutionError as error:
        raise in_state(error, visit) from error
    if not isinstance(text, str):
        raise visit.failure(
            f"The {field} parameter does not reference a string value: {dumps(text)}"
        )
    return text
