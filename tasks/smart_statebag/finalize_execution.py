"""finalize_execution, called with the status-change events of both machines (Contract 9.2)."""

from collections.abc import Callable
from typing import Any

from tasks.smart_statebag.bag.clock import Clock, SystemClock
from tasks.smart_statebag.bag.errors import CorruptEnvelope, InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject, decode
from tasks.smart_statebag.callbacks import StateMachines, state_machines
from tasks.smart_statebag.callbacks.storing import optional_text, required_text
from tasks.smart_statebag.idempotency.finish import Ending, finish_execution
from tasks.smart_statebag.idempotency.words import WRITTEN_FOR
from tasks.smart_statebag.tables import IDEMPOTENCY, Table, open_table


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """Write the end of an execution into its row of the idempotency table.

    Returns:
        ``{updated, idempotency_key, status}``; ``updated`` is false where the event is not an end,
        the execution has no key, or the row belongs to another execution.
    """
    return finalize_execution(event)


def finalize_execution(
    event: Json,
    *,
    describe: Callable[[], StateMachines] = state_machines,
    table: Table | None = None,
    clock: Clock | None = None,
) -> JsonObject:
    """As the handler, with the services to use.

    Raises:
        InvalidInput: The event is not a status change of an execution.
        StorageUnavailable: The table or the engine does not answer.
    """
    detail = _detail(event)
    status = required_text(detail, "status")
    arn = required_text(detail, "executionArn")
    if status not in WRITTEN_FOR:
        return _answer(False, None, status)
    given = _Texts(detail, arn, describe)
    key = _object(given.read("input")).get("idempotency_key")
    if not isinstance(key, str) or not key:
        return _answer(False, None, status)
    ending = Ending(
        execution_arn=arn,
        status=status,
        stop_date=detail.get("stopDate"),
        output_path=_output_path(given) if status == "SUCCEEDED" else None,
        error=detail.get("error"),
        cause=detail.get("cause"),
    )
    updated = finish_execution(
        key, ending, table=table or open_table(IDEMPOTENCY), clock=clock or SystemClock()
    )
    return _answer(updated, key, status)


class _Texts:
    """Input and output of an execution: the event's, else described, since it omits large ones."""

    def __init__(
        self, detail: JsonObject, execution_arn: str, describe: Callable[[], StateMachines]
    ) -> None:
        self._detail = detail
        self._execution_arn = execution_arn
        self._describe = describe
        self._described: JsonObject | None = None

    def read(self, name: str) -> Json:
        text = self._detail.get(name)
        if text is not None:
            return text
        if self._described is None:
            self._described = self._describe().describe_execution(self._execution_arn)
        return self._described.get(name)


def _detail(event: Json) -> JsonObject:
    detail = event.get("detail") if isinstance(event, dict) else None
    if not isinstance(detail, dict):
        raise InvalidInput("detail", "is required and must be an object")
    return detail


def _output_path(given: _Texts) -> str | None:
    return optional_text(_object(given.read("output")), "final_state_s3_path", "output_s3_path")


def _object(text: Json) -> JsonObject:
    if isinstance(text, str):
        try:
            text = decode(text)
        except ValueError as error:
            reason = f"its input or output is not JSON: {error}"
            raise CorruptEnvelope("execution", reason) from error
    return text if isinstance(text, dict) else {}


def _answer(updated: bool, key: str | None, status: str) -> JsonObject:
    return {"updated": updated, "idempotency_key": key, "status": status}
