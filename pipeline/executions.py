"""Starting, stopping and finding executions."""

from dataclasses import dataclass, replace
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from pipeline.advance import advance_burst
from pipeline.burst import Burst, aborted_history, history_batch
from pipeline.engine import Engine
from pipeline.interpreter import root_frame
from pipeline.language.errors import TIMEOUT
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import Json
from pipeline.language.outcomes import Start
from pipeline.ledger import executions
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus, FrameRow
from pipeline.ledger.transition import ExecutionEnd, end_at_once
from pipeline.message import Message
from pipeline.publishing import publish
from pipeline.status_events import publish_status


class ExecutionAlreadyExists(Exception):
    """An execution of this name was started before."""


class ExecutionDoesNotExist(Exception):
    """There is no execution with this ARN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineName:
    """A state machine's name as ARNs spell it."""

    name: str
    region: str
    account_id: str

    @property
    def arn(self) -> str:
        """ARN of the state machine."""
        return f"arn:aws:states:{self.region}:{self.account_id}:stateMachine:{self.name}"

    def execution_arn(self, execution_name: str) -> str:
        """ARN of one of its executions."""
        prefix = f"arn:aws:states:{self.region}:{self.account_id}:execution"
        return f"{prefix}:{self.name}:{execution_name}"


def start_execution(
    engine: Engine,
    *,
    machine_name: str,
    definition: str,
    input: Json,  # noqa: A002 - the API's name
    name: str | None = None,
    version_arn: str | None = None,
    alias_arn: str | None = None,
) -> ExecutionRow:
    """Start an execution; its first states run here, up to the first that needs the world.

    Args:
        machine_name: Name of the state machine, for ARNs.
        definition: The Amazon States Language document.
        input: The execution's input.
        name: Name of the execution, a fresh UUID when None.
        version_arn, alias_arn: The published version that the definition is of, and the alias
            by which it was chosen (see ``state_machines.start_machine``).

    Raises:
        InvalidDefinition: The definition does not conform.
        ExecutionAlreadyExists: The name was used before for this state machine.
    """
    definition_id = engine.definition_id(definition)
    machine = engine.machine(definition_id)
    row = _new_execution(engine, machine_name, definition_id, name or str(uuid4()), input)
    row = replace(row, version_arn=version_arn, alias_arn=alias_arn)
    burst = Burst(
        machine=machine,
        execution=engine.context(row, input),
        row=_root_row(row.id),
        frame=root_frame(machine, input),
        starts=row,
    )
    try:
        publish(engine, advance_burst(engine, burst, Start(), Message()))
    except IntegrityError as error:
        with engine.database.reading() as connection:
            if executions.find_execution_by_arn(connection, row.arn) is None:
                raise  # some other rule was broken, which no other name would heal
        raise ExecutionAlreadyExists(row.arn) from error
    return row


def _new_execution(
    engine: Engine, machine_name: str, definition_id: str, name: str, given: Json
) -> ExecutionRow:
    now, settings = engine.clock(), engine.settings
    execution_id = uuid4().hex
    limit = engine.machine(definition_id).timeout_seconds
    names = MachineName(name=machine_name, region=settings.region, account_id=settings.account_id)
    return ExecutionRow(
        id=execution_id,
        arn=names.execution_arn(name),
        name=name,
        machine_arn=names.arn,
        machine_name=machine_name,
        definition_id=definition_id,
        status=ExecutionStatus.RUNNING,
        input=engine.payloads.pack(execution_id, given),
        started_at=now,
        deadline_at=None if limit is None else now + limit,
    )


def stop_execution(engine: Engine, arn: str, *, error: str = "", cause: str = "") -> bool:
    """Stop a running execution with everything in it.

    Returns:
        False if it had ended already.

    Raises:
        ExecutionDoesNotExist: There is no execution with this ARN.
    """
    row = find_execution(engine, arn)
    return _end(engine, row, ExecutionStatus.ABORTED, error, cause)


def time_out_execution(engine: Engine, row: ExecutionRow) -> bool:
    """End an execution whose machine's TimeoutSeconds has passed; False if it had ended."""
    return _end(engine, row, ExecutionStatus.TIMED_OUT, TIMEOUT, "")


def find_execution(engine: Engine, arn: str) -> ExecutionRow:
    """The execution with this ARN.

    Raises:
        ExecutionDoesNotExist: There is none.
    """
    with engine.database.reading() as connection:
        row = executions.find_execution_by_arn(connection, arn)
    if row is None:
        raise ExecutionDoesNotExist(arn)
    return row


_END_EVENTS = {
    ExecutionStatus.ABORTED: "ExecutionAborted",
    ExecutionStatus.TIMED_OUT: "ExecutionTimedOut",
}


def _end(
    engine: Engine, row: ExecutionRow, status: ExecutionStatus, error: str, cause: str
) -> bool:
    now = engine.clock()
    given = {"error": error, "cause": cause}
    details = {name: text for name, text in given.items() if text}
    event = HistoryEvent(type=_END_EVENTS[status], timestamp=now, details=details)
    ended = end_at_once(
        engine.database,
        row.id,
        ExecutionEnd(
            status=status,
            stopped_at=now,
            error=error or None,
            cause=cause or None,
            is_announced=engine.settings.status_events,
        ),
        history_batch(engine, _root_row(row.id), [event], ends=True),
        lambda rows: aborted_history(engine, rows),
    )
    if ended:
        publish_status(engine, row.id)
    return ended


def _root_row(execution_id: str) -> FrameRow:
    """The row of an execution's root frame before its first transition."""
    return FrameRow(id=execution_id, execution_id=execution_id, history_id=execution_id)
