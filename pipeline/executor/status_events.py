"""Execution status-change events, published from the outbox at least once.

AWS Step Functions Developer Guide, "Automating Step Functions event delivery with EventBridge".
"""

import logging
from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.engine.engine import Engine
from pipeline.executor.redrivability import why_not
from pipeline.integrations.services.service_actions import find_action
from pipeline.language.json_value import JsonObject, dumps, size_in_bytes
from pipeline.ledger import outbox
from pipeline.ledger.outbox import StatusChange
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from pipeline.payloads.object_store import ObjectStoreError

log = logging.getLogger(__name__)

SOURCE = "aws.states"
DETAIL_TYPE = "Step Functions Execution Status Change"

BATCH = 500
"""Executions that one sweep publishes for at most."""

MAX_DOCUMENTS_BYTES = 248 * 1024
"""An event omits an input or output with which its escaped text would exceed this size."""

_PASSING = frozenset({"InternalException", "InternalFailure", "ThrottlingException"})
"""Codes of entries that EventBridge may take another time."""


class EventRejected(Exception):
    """The event bus answered, but did not take the event.

    Attributes:
        code: ``ThrottlingException``, ``NotAuthorizedForSourceException``, ...
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def publish_status(engine: Engine, execution_id: str) -> None:
    """Publish what the outbox holds of an execution; what fails is left to the sweeper."""
    if not engine.settings.status_events:
        return
    with engine.database.reading() as connection:
        changes = outbox.changes_of(connection, execution_id)
    for change in changes:
        try:
            _publish(engine, change)
        except (ClientError, BotoCoreError, ObjectStoreError, EventRejected) as error:
            if not isinstance(error, EventRejected) or error.code in _PASSING:
                log.warning("a status change of %s is not published yet: %s", execution_id, error)
                return
            log.error("a status change of %s is lost: %s", execution_id, error)
        with engine.database.statement() as connection:
            outbox.remove(connection, change.number)


def publish_waiting(engine: Engine) -> None:
    """Publish what has been in the outbox for too long, since its writer was lost."""
    if not engine.settings.status_events:
        return
    since = engine.clock() - engine.settings.redelivery_seconds
    with engine.database.reading() as connection:
        waiting = outbox.executions_waiting(connection, since, BATCH)
    for execution_id in waiting:
        publish_status(engine, execution_id)


def _publish(engine: Engine, change: StatusChange) -> None:
    """Put the event of a change on the bus.

    Raises:
        EventRejected: The bus does not take it.
        ObjectStoreError: The execution's input or output cannot be read.
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: The bus did not answer.
    """
    row = engine.executions.latest_row(change.execution_id)
    detail = status_detail(engine, row, change)
    entry = {
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Detail": dumps(detail),
        "Resources": [row.arn],
        "Time": change.created_at,
    }
    answer = engine.services.operation(find_action("events", "putEvents"))(Entries=[entry])
    for entry_result in answer["Entries"]:
        if "ErrorCode" in entry_result:
            raise EventRejected(entry_result["ErrorCode"], entry_result.get("ErrorMessage", ""))


def status_detail(engine: Engine, row: ExecutionRow, change: StatusChange) -> JsonObject:
    """The event's detail, with AWS's fields."""
    ended = change.status != ExecutionStatus.RUNNING
    return {
        "executionArn": row.arn,
        "stateMachineArn": row.machine_arn,
        "stateMachineVersionArn": row.version_arn,
        "stateMachineAliasArn": row.alias_arn,
        "name": row.name,
        "status": change.status,
        "startDate": round(row.started_at * 1000),
        "stopDate": round(row.stopped_at * 1000) if ended and row.stopped_at else None,
        **_documents(engine, row, ended=ended),
        "error": row.error if ended else None,
        "cause": row.cause if ended else None,
        "redriveCount": row.redrive_count,
        "redriveDate": None if row.redriven_at is None else round(row.redriven_at * 1000),
        **_redrive_status(engine, row, change),
    }


def _redrive_status(engine: Engine, row: ExecutionRow, change: StatusChange) -> JsonObject:
    reason = why_not(engine, replace(row, status=ExecutionStatus(change.status)))
    status = "REDRIVABLE" if reason is None else "NOT_REDRIVABLE"
    return {"redriveStatus": status, "redriveStatusReason": reason}


def _documents(engine: Engine, row: ExecutionRow, *, ended: bool) -> JsonObject:
    """Input and output: the output where it fits, the input where both do."""
    given = dumps(engine.payloads.unpack(row.input))
    returned = (
        dumps(engine.payloads.unpack(row.output)) if ended and row.output is not None else None
    )
    output_bytes = 0 if returned is None else size_in_bytes(returned)
    documents = _document("input", given, output_bytes + size_in_bytes(given))
    if returned is None:
        return {**documents, "output": None, "outputDetails": None}
    return documents | _document("output", returned, output_bytes)


def _document(name: str, text: str, size: int) -> JsonObject:
    included = size <= MAX_DOCUMENTS_BYTES
    return {name: text if included else None, f"{name}Details": {"included": included}}
