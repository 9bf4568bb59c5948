"""Starting EXPRESS executions: each is one message, and a worker runs all of it.

AWS Step Functions Developer Guide, "Synchronous and Asynchronous Express Workflows".
"""

import asyncio
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from pipeline.engine.engine import Engine
from pipeline.engine.machine_names import MachineName
from pipeline.executions.lifecycle import NewExecution
from pipeline.executions.log_delivery import log_express
from pipeline.executor.calls.client_answers import leave_answer, take_answer, when_there
from pipeline.executor.express.execution import MAX_SECONDS, ExpressResult, run_express
from pipeline.interpreter.interpreter import root_frame
from pipeline.language.errors import RUNTIME, TIMEOUT
from pipeline.language.json_value import Json
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus, values_of

_GRACE_SECONDS = 5.0
"""How much later than the end of an execution its result may arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressEnd:
    """How an EXPRESS execution has ended; times are epoch seconds."""

    status: ExecutionStatus
    output: Json
    error: str | None
    cause: str | None
    started_at: float
    stopped_at: float


def start_express(engine: Engine, requested: NewExecution) -> ExecutionRow:
    """Have a worker run an EXPRESS execution, at least once, whenever one is free."""
    row = _express_row(engine, requested)
    engine.canvas.express(values_of(row)).apply_async()
    return row


async def run_for_client(
    engine: Engine, requested: NewExecution
) -> tuple[ExecutionRow, ExpressEnd]:
    """Have a worker run an EXPRESS execution, at most once, and wait for its end."""
    row = await asyncio.to_thread(_publish, engine, requested)
    try:
        async with asyncio.timeout(MAX_SECONDS + _GRACE_SECONDS):
            answer: Any = await when_there(partial(take_answer, engine, row.id))
    except TimeoutError:
        # No worker was free, or the one that ran it was lost.
        now, timed_out = engine.clock(), ExecutionStatus.TIMED_OUT
        return row, _ended(row.started_at, timed_out, TIMEOUT, None, stopped_at=now)
    return row, ExpressEnd(**(answer | {"status": ExecutionStatus(answer["status"])}))


def run_order(engine: Engine, order: dict[str, Any]) -> None:
    """Run an EXPRESS execution on a worker.

    Args:
        engine: The worker's.
        order: The values of its row.
    """
    row, result = _run(engine, order)
    log_express(engine, row, result.history)


def _run(engine: Engine, order: dict[str, Any]) -> tuple[ExecutionRow, ExpressResult]:
    row = ExecutionRow(**(order | {"status": ExecutionStatus(order["status"])}))
    machine = engine.definitions.machine(row.definition_id)
    given = engine.payloads.unpack(row.input)
    row = replace(row, started_at=engine.clock())
    result = run_express(
        engine,
        machine,
        root_frame(machine, given),
        engine.executions.context(row, given),
        frame_id=row.id,
    )
    return row, result


def run_order_for_client(engine: Engine, order: dict[str, Any]) -> None:
    """Run an EXPRESS execution on a worker, and leave the client how it ended.

    Args:
        engine: The worker's.
        order: The values of its row.
    """
    now = engine.clock()
    try:
        row, result = _run(engine, order)
    except Exception as error:
        # Broad: without an answer the client would wait until its time-out.
        end = _ended(now, ExecutionStatus.FAILED, RUNTIME, str(error), stopped_at=engine.clock())
        leave_answer(engine, order["id"], asdict(end))
        raise
    end = ExpressEnd(
        status=result.status,
        output=result.output,
        error=result.error,
        cause=result.cause,
        started_at=row.started_at,
        stopped_at=result.stopped_at,
    )
    leave_answer(engine, order["id"], asdict(end))
    log_express(engine, row, result.history)


def _publish(engine: Engine, requested: NewExecution) -> ExecutionRow:
    row = _express_row(engine, requested)
    engine.canvas.express_for_client(values_of(row)).apply_async()
    return row


def _express_row(engine: Engine, requested: NewExecution) -> ExecutionRow:
    """The row of an execution, which no ledger gets; any number of them may have one name."""
    row = requested.row(engine)
    return replace(row, arn=_express_arn(requested.machine, row.name), deadline_at=None)


def _express_arn(machine: MachineName, name: str) -> str:
    prefix = f"arn:aws:states:{machine.region}:{machine.account_id}:express"
    return f"{prefix}:{machine.name}:{name}:{uuid4()}"


def _ended(
    started_at: float, status: ExecutionStatus, error: str, cause: str | None, *, stopped_at: float
) -> ExpressEnd:
    return ExpressEnd(
        status=status,
        output=None,
        error=error,
        cause=cause,
        started_at=started_at,
        stopped_at=stopped_at,
    )
