"""Actions that answer task tokens."""

from collections.abc import Callable

from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.documents import read_document
from pipeline.executions import task_tokens
from pipeline.language.json_value import Json


def send_task_success(call: Call) -> Output:
    """Complete the Task state that waits for a token, with its result."""
    output = _output(call.input["output"])
    return _answer(call, lambda token: task_tokens.send_task_success(call.engine, token, output))


def send_task_failure(call: Call) -> Output:
    """Fail the Task state that waits for a token."""
    error, cause = call.input.get("error", ""), call.input.get("cause", "")
    return _answer(
        call, lambda token: task_tokens.send_task_failure(call.engine, token, error, cause)
    )


def send_task_heartbeat(call: Call) -> Output:
    """Record a heartbeat for the task of a token."""
    return _answer(call, lambda token: task_tokens.send_task_heartbeat(call.engine, token))


def _answer(call: Call, send: Callable[[str], None]) -> Output:
    with as_api_errors():
        send(call.input["taskToken"])
    return {}


def _output(text: str) -> Json:
    try:
        return read_document(text)
    except ValueError as error:
        raise ApiError("InvalidOutput", f"Invalid Output: '{error}'") from error
