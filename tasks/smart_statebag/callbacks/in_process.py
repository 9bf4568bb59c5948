"""An engine in this process, called directly."""

from collections.abc import Callable
from typing import Any

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.callbacks.step_functions import TOKEN_ERRORS


class InProcessEngine:
    """Any object with the methods of ``Callbacks`` (and, if used so, of ``StateMachines``).

    Its errors are not classes of this package; their names are those of the Step Functions API.
    """

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def send_task_success(self, token: str, output: Json) -> None:
        _ask(self._engine.send_task_success, token, output)

    def send_task_failure(self, token: str, error: str, cause: str) -> None:
        _ask(self._engine.send_task_failure, token, error, cause)

    def send_task_heartbeat(self, token: str) -> None:
        _ask(self._engine.send_task_heartbeat, token)

    def describe_execution(self, execution_arn: str) -> JsonObject:
        described: JsonObject = _ask(self._engine.describe_execution, execution_arn)
        return described


def _ask(method: Callable[..., Any], *arguments: Json) -> Any:
    try:
        return method(*arguments)
    except Exception as error:  # the engine's classes are not known here, only their names
        known = TOKEN_ERRORS.get(type(error).__name__)
        if known is None:
            raise
        raise known(str(error)) from error
