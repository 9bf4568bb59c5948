"""Starting, stopping and finding executions."""

from dataclasses import dataclass, replace
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from pipeline.engine.engine import Engine
from pipeline.engine.machine_names import MachineName, machine_names
from pipeline.engine.nested_call import Caller
from pipeline.engine.open_executions import owner_of
from pipeline.executor import origins
from pipeline.executor.advance import advance_burst
from pipeline.executor.after_commit import announce
from pipeline.executor.burst import Burst, aborted_history, history_batch
from pipeline.executor.message import Message
from pipeline.executor.publishing import publish
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.interpreter.interpreter import root_frame
from pipeline.language.errors import TIMEOUT
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import Json, dumps
from pipeline.language.outcomes import Start
from pipeline.ledger import executions, nested_executions
from pipeline.ledger.rows import ExecutionEnd, ExecutionRow, ExecutionStatus, FrameRow
from pipeline.ledger.transition import Overtaken, end_at_once

NAME_KEPT_SECONDS = 90 * 86400.0
"""How long after its end an execution keeps its name (API reference: "StartExecution")."""


class ExecutionAlreadyExists(RejectedRequest):
    """An execution of this name was started before, and has ended or has another input."""

    code = "ExecutionAlreadyExists"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Execution Already Exists: '{arn}'")
        self.arn = arn


class ExecutionDoesNotExist(RejectedRequest):
    """There is no execution with this ARN."""

    code = "ExecutionDoesNotExist"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Execution Does Not Exist: '{arn}'")
        self.arn = arn


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExecution:
    """An execution that is to start.

    Attributes:
        machine: Its state machine.
        definition_id: Of the definition, which is stored.
        name: A fresh UUID when None.
        version_arn, alias_arn: The published version that the definition is of, and the alias by
            which it was chosen, or None (see ``starting``).
        revision_id: The state machine's revision, unless there is no state machine.
        trace_header: Of X-Ray; it is only kept.
        input_text: The input as the client wrote it, or None where it was not given as text.
        caller: The frame whose Task state starts it, or None.
        is_awaited: Whether that frame waits for its end.
    """

    machine: MachineName
    definition_id: str
    input: Json
    name: str | None = None
    version_arn: str | None = None
    alias_arn: str | None = None
    revision_id: str | None = None
    trace_header: str | None = None
    input_text: str | None = None
    caller: Caller | None = None
    is_awaited: bool = False

    @property
    def arn(self) -> str | None:
        """Its ARN, if it has a name already."""
        return None if self.name is None else self.machine.execution_arn(self.name)

    def row(self, engine: Engine) -> ExecutionRow:
        """Its row, as it begins now."""
        now, execution_id = engine.clock(), uuid4().hex
        name = self.name or str(uuid4())
        limit = engine.definitions.machine(self.definition_id).timeout_seconds
        return ExecutionRow(
            id=execution_id,
            arn=self.machine.execution_arn(name),
            name=name,
            machine_arn=self.machine.arn,
            machine_name=self.machine.name,
            definition_id=self.definition_id,
            status=ExecutionStatus.RUNNING,
            input=engine.payloads.pack(execution_id, self.input),
            started_at=now,
            deadline_at=None if limit is None else now + limit,
            version_arn=self.version_arn,
            alias_arn=self.alias_arn,
            revision_id=self.revision_id,
            trace_header=self.trace_header,
            caller_frame_id=self.caller.frame_id if self.caller else None,
            caller_version=self.caller.version if self.caller else None,
            caller_call=self.caller.call if self.caller else None,
            is_awaited=self.is_awaited,
        )


def start_execution(
    engine: Engine,
    *,
    machine_name: str | MachineName,
    definition: str,
    input: Json,  # noqa: A002 - the API's name
    name: str | None = None,
) -> ExecutionRow:
    """Start an execution of a definition that no state machine needs to have.

    Args:
        engine: Runs the first states.
        machine_name: Name of the state machine, for ARNs; in the settings' region and account
            unless it says its own.
        definition: The Amazon States Language document.
        input: The execution's input.
        name: Name of the execution, a fresh UUID when None.

    Raises:
        InvalidDefinition: The definition does not conform.
        ExecutionAlreadyExists: As ``begin_execution`` does.
    """
    requested = NewExecution(
        machine=machine_names(engine, machine_name),
        definition_id=engine.definitions.stored_id(definition),
        input=input,
        name=name,
    )
    return begin_execution(engine, requested)


def begin_execution(engine: Engine, requested: NewExecution) -> ExecutionRow:
    """Start an execution; its first states run here, up to the first that needs the world.

    Returns:
        Its row; if one of the same name and input runs, that one's.

    Raises:
        ExecutionAlreadyExists: The name was used for this state machine in the last 90 days.
        ExecutionLimitExceeded: The account has as many open executions as it may have.
    """
    # A repeated request for an execution that runs already needs no slot.
    engine.open_executions.reserve_slot(
        *owner_of(requested.machine.arn), existing_arn=requested.arn
    )
    row = requested.row(engine)
    machine = engine.definitions.machine(row.definition_id)
    burst = Burst(
        machine=machine,
        execution=replace(
            engine.executions.context(row, requested.input), input_text=requested.input_text
        ),
        row=_root_row(row.id),
        frame=root_frame(machine, requested.input),
        origin=origins.NewExecution(row),
    )
    try:
        publish(engine, advance_burst(engine, burst, Start(), Message()))
    except IntegrityError as error:
        with engine.database.reading() as connection:
            holder = executions.find_execution_by_arn(connection, row.arn)
        if holder is None:
            raise  # some other rule was broken, which no other name would heal
        if _is_repeated(holder, requested) or _is_same(engine, holder, requested):
            _wait_for(engine, holder, requested)
            return holder
        if not _gives_up_name(engine, holder):
            raise ExecutionAlreadyExists(row.arn) from error
        return begin_execution(engine, requested)
    return row


def _is_same(engine: Engine, holder: ExecutionRow, requested: NewExecution) -> bool:
    """Whether an execution of this name and input runs already (API: "StartExecution")."""
    if holder.status is not ExecutionStatus.RUNNING:
        return False
    return dumps(engine.payloads.unpack(holder.input)) == dumps(requested.input)


def _is_repeated(holder: ExecutionRow, requested: NewExecution) -> bool:
    """Whether a Task state makes the call again that has started an execution.

    It does when its worker was lost; the execution may have ended meanwhile.
    """
    caller = requested.caller
    known = (holder.caller_frame_id, holder.caller_call)
    return caller is not None and known == (caller.frame_id, caller.call)


def _wait_for(engine: Engine, holder: ExecutionRow, requested: NewExecution) -> None:
    """Let a Task state wait for an execution that is there already.

    Raises:
        Overtaken: The frame of the Task state has moved.
    """
    caller = requested.caller
    if caller is None:
        return
    known = caller.frame_id, caller.version
    with engine.database.durable() as connection:
        if _is_repeated(holder, requested):
            at = engine.redelivery_at()
            waits = nested_executions.repeat_call(connection, holder, *known, at)
        else:
            waits = not requested.is_awaited or nested_executions.wait_too(
                connection, holder.id, *known
            )
    if not waits:
        raise Overtaken(*known)


def _gives_up_name(engine: Engine, holder: ExecutionRow) -> bool:
    """Forget an execution that ended so long ago that another may have its name."""
    with engine.database.durable() as connection:
        return executions.forget_ended(connection, holder.id, engine.clock() - NAME_KEPT_SECONDS)


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
    return engine.database.required(executions.find_execution_by_arn, arn, ExecutionDoesNotExist)


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
            look_at=engine.redelivery_at(),
        ),
        history_batch(engine, _root_row(row.id), [event], ends=True),
        lambda rows: aborted_history(engine, rows),
    )
    if ended:
        announce(engine, row, has_ended=True)
    return ended


def _root_row(execution_id: str) -> FrameRow:
    """The row of an execution's root frame before its first transition."""
    return FrameRow(id=execution_id, execution_id=execution_id, history_id=execution_id)
