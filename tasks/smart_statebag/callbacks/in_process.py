"""An engine in this process, answered without a request."""

from collections.abc import Callable
from typing import Any

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.callbacks.step_functions import REFUSALS


class InProcessEngine:
    """Any object with the methods of ``Callbacks`` (and of ``StateMachines``, where it is asked).

    It knows nothing of this package, so its errors are recognised by their names, which are those
    of the Step Functions API.
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
    except Exception as error:  # the classes of the engine are not known here, only their names
        refusal = REFUSALS.get(type(error).__name__)
        if refusal is None:
            raise
        raise refusal(str(error)) from error
