"""The inputs that executions are started with (API reference: "StartExecution")."""

from typing import Any

from pipeline.api.errors import ApiError
from pipeline.language.data_limits import MAXIMUM_BYTES
from pipeline.language.json_value import Json, loads


def read_input(given: dict[str, Any]) -> Json:
    """The ``input`` of a request, an empty object when there is none.

    Raises:
        ApiError: InvalidExecutionInput.
    """
    text: str = given.get("input", "{}")
    if len(text.encode(errors="surrogatepass")) > MAXIMUM_BYTES:
        raise _invalid(f"The input is longer than {MAXIMUM_BYTES} bytes")
    try:
        return loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid(str(error)) from error


def _invalid(reason: str) -> ApiError:
    return ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")
