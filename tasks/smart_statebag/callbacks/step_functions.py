"""The Step Functions API: AWS, or whatever ``AWS_ENDPOINT_URL_SFN`` names."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tasks.smart_statebag.bag.aws_clients import ATTEMPTS, retrying_client
from tasks.smart_statebag.bag.errors import StateBagError, StorageUnavailable
from tasks.smart_statebag.bag.json_value import Json, JsonObject, encode
from tasks.smart_statebag.callbacks.interface import InvalidToken, TaskTimedOut

TOKEN_ERRORS: dict[str, Callable[[str], StateBagError]] = {
    "TaskTimedOut": TaskTimedOut,
    "TaskDoesNotExist": TaskTimedOut,
    "InvalidToken": InvalidToken,
}
"""Error name of the Step Functions API -> error of the functions."""


class StepFunctionsApi:
    """Answers tokens by requests to the API."""

    def __init__(self, client: Any | None = None) -> None:
        self._client = client or retrying_client("stepfunctions", read_seconds=30)

    def send_task_success(self, token: str, output: Json) -> None:
        self._ask("send_task_success", taskToken=token, output=encode(output).decode())

    def send_task_failure(self, token: str, error: str, cause: str) -> None:
        self._ask("send_task_failure", taskToken=token, error=error, cause=cause)

    def send_task_heartbeat(self, token: str) -> None:
        self._ask("send_task_heartbeat", taskToken=token)

    def describe_execution(self, execution_arn: str) -> JsonObject:
        answer = self._ask("describe_execution", executionArn=execution_arn)
        return {name: answer.get(name) for name in ("input", "output")}

    def _ask(self, action: str, **arguments: str) -> Any:
        try:
            return getattr(self._client, action)(**arguments)
        except ClientError as error:
            known = TOKEN_ERRORS.get(error.response["Error"]["Code"])
            if known is not None:
                raise known(str(error)) from error
            raise StorageUnavailable("Step Functions", str(error), attempts=ATTEMPTS) from error
        except BotoCoreError as error:
            raise StorageUnavailable("Step Functions", str(error), attempts=ATTEMPTS) from error


@lru_cache(maxsize=4)
def step_functions_api(endpoint: str) -> StepFunctionsApi:
    """One for each endpoint, the empty one being that of AWS."""
    return StepFunctionsApi()
