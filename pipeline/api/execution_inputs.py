"""The inputs that executions are started with (API reference: "StartExecution")."""

from pipeline.api.call import Call
from pipeline.api.documents import read_document
from pipeline.api.errors import ApiError
from pipeline.language.data_limits import MAXIMUM_BYTES
from pipeline.language.json_value import Json


def read_input(call: Call) -> Json:
    """The ``input`` of a request, an empty object when there is none.

    Raises:
        ApiError: InvalidExecutionInput.
    """
    text: str = call.input.get("input", "{}")
    strict = call.engine.settings.strict_limits
    if strict and len(text.encode(errors="surrogatepass")) > MAXIMUM_BYTES:
        raise _invalid(f"The input is longer than {MAXIMUM_BYTES} bytes")
    try:
        return read_document(text)
    except ValueError as error:
        raise _invalid(str(error)) from error


def _invalid(reason: str) -> ApiError:
    return ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")
