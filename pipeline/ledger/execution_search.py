"""Queries over the executions of several state machines, for the console."""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice

from sqlalchemy import Connection, func, select, text, tuple_

from pipeline.ledger.executions import execution_of
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from pipeline.ledger.schema import OPEN, executions, listed_at


def search(
    connection: Connection,
    machine_arns: Sequence[str],
    *,
    status: str | None = None,
    name: str | None = None,
    since: float | None = None,
    until: float | None = None,
    before: tuple[float, str] | None = None,
    limit: int,
) -> list[ExecutionRow]:
    """The executions of some state machines by ``ExecutionRow.listed_at``, newest first.

    The query uses the index of each state machine, so it does not slow down with the number of
    other executions.

    Args:
        connection: To the ledger.
        machine_arns: ARNs of the state machines.
        status: Only those with this status; None for all.
        name: Only those whose name contains this text; None for all.
        since, until: Only those listed between these times (epoch seconds); None for no bound.
        before: ``listed_at`` and id of the one before the first, or None.
        limit: How many at most.
    """
    conditions = []
    if status is not None:
        conditions.append(executions.c.status == status)
    if name is not None:
        conditions.append(executions.c.name.contains(name, autoescape=True))
    if since is not None:
        conditions.append(listed_at >= since)
    if until is not None:
        conditions.append(listed_at < until)
    if before is not None:
        conditions += [listed_at <= before[0], tuple_(listed_at, executions.c.id) < before]
    newest_first = (
        select(executions)
        .where(*conditions)
        .order_by(listed_at.desc(), executions.c.id.desc())
        .limit(limit)
    )
    found = [
        [
            execution_of(row)
            for row in connection.execute(newest_first.where(executions.c.machine_arn == arn))
        ]
        for arn in machine_arns
    ]
    merged = heapq.merge(*found, key=lambda row: (row.listed_at, row.id), reverse=True)
    return list(islice(merged, limit))


def count_by_status(
    connection: Connection, machine_arns: Sequence[str], *, since: float
) -> Mapping[str, Mapping[str, int]]:
    """How many executions each state machine has of each status.

    Args:
        connection: To the ledger.
        machine_arns: ARNs of the state machines.
        since: Skip executions that ended before this time (epoch seconds).
    """
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    of_these = executions.c.machine_arn.in_(machine_arns)
    running = (
        select(executions.c.machine_arn, func.count())
        .where(of_these, text(OPEN))
        .group_by(executions.c.machine_arn)
    )
    for arn, count in connection.execute(running):
        counts[arn][ExecutionStatus.RUNNING] = count
    ended = (
        select(executions.c.machine_arn, executions.c.status, func.count())
        .where(of_these, listed_at >= since, executions.c.status != ExecutionStatus.RUNNING)
        .group_by(executions.c.machine_arn, executions.c.status)
    )
    for arn, status, count in connection.execute(ended):
        counts[arn][status] = count
    return counts
