"""Map runs in the API's form, and changes of their limits while they run.

AWS Step Functions Developer Guide, "Viewing a Distributed Map Run execution".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.engine.engine import Engine
from pipeline.executor.after_commit import after_commit, send
from pipeline.executor.failed_children import ring_if_failed
from pipeline.executor.lane_counts import lanes_at_a_time
from pipeline.executor.lane_starts import idle_lanes
from pipeline.executor.redrivability import MAX_EVENTS
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.interpreter.frame import ENDED, UNSUCCESSFUL, Phase
from pipeline.ledger import map_runs as rows
from pipeline.ledger.rows import FanOutRow, FanOutStatus


class MapRunDoesNotExist(RejectedRequest):
    """There is no map run with this ARN."""

    code = "ResourceNotFound"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Resource not found: '{arn}'", resourceName=arn)


class MapRunHasEnded(RejectedRequest):
    """The limits of a map run that has ended cannot be changed."""

    code = "ValidationException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"The Map Run '{arn}' is not running.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The number of a map run's child executions, or items, by status.

    Attributes:
        pending_redrive: Those that wait for a redrive to begin them again.
        not_redrivable: Those that did not succeed and that a redrive cannot begin again.
        results_written: Those whose results are in the state's output or in ResultWriter's files.
    """

    pending: int
    running: int
    succeeded: int
    failed: int
    timed_out: int
    aborted: int
    total: int
    pending_redrive: int
    not_redrivable: int
    results_written: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRunCounts:
    """Both counts of a map run, which differ if it batches its items."""

    executions: Counts
    items: Counts


def find_map_run(engine: Engine, arn: str) -> FanOutRow:
    """The map run with this ARN.

    Raises:
        MapRunDoesNotExist: There is none.
    """
    return engine.database.required(rows.find_map_run, arn, MapRunDoesNotExist)


def count(engine: Engine, run: FanOutRow) -> MapRunCounts:
    """The progress of a map run."""
    with engine.database.reading() as connection:
        children = rows.count_children(connection, run.id)
        lost = rows.Children(executions=0, items=0)
        if UNSUCCESSFUL & children.keys():
            lost = rows.count_too_long(connection, run.id, MAX_EVENTS)
    is_written = run.results is not None
    return MapRunCounts(
        executions=_counts(
            {phase: some.executions for phase, some in children.items()},
            total=run.total,
            lost=lost.executions,
            is_written=is_written,
        ),
        items=_counts(
            {phase: some.items for phase, some in children.items()},
            total=run.items,
            lost=lost.items,
            is_written=is_written,
        ),
    )


def _counts(
    begun: Mapping[Phase | None, int], *, total: int, lost: int, is_written: bool
) -> Counts:
    ended = {phase: begun.get(phase, 0) for phase in ENDED}
    over, waiting = sum(ended.values()), begun.get(None, 0)
    return Counts(
        pending=total - sum(begun.values()),
        running=sum(begun.values()) - over - waiting,
        succeeded=ended[Phase.SUCCEEDED],
        failed=ended[Phase.FAILED],
        timed_out=ended[Phase.TIMED_OUT],
        aborted=ended[Phase.ABORTED],
        total=total,
        pending_redrive=waiting,
        not_redrivable=lost,
        results_written=over if is_written else 0,
    )


def change_limits(
    engine: Engine,
    arn: str,
    *,
    max_concurrency: int | None = None,
    tolerated_count: int | None = None,
    tolerated_percentage: float | None = None,
) -> None:
    """Change the given limits of a running map run, with immediate effect.

    Args:
        max_concurrency: How many children run at a time; 0 for as many as the setting
            ``lane_limit`` allows, which is always the maximum. Running children go on.
        tolerated_count: How many failed items are tolerated.
        tolerated_percentage: The percentage of failed items that is tolerated.

    Raises:
        MapRunDoesNotExist: There is no map run with this ARN.
        MapRunHasEnded: It has ended.
    """
    with engine.database.durable() as connection:
        run = rows.find_map_run(connection, arn, locked=True)
        if run is None:
            raise MapRunDoesNotExist(arn)
        if run.status is not FanOutStatus.RUNNING:
            raise MapRunHasEnded(arn)
        if max_concurrency is not None:
            width = lanes_at_a_time(max_concurrency, engine.settings.lane_limit)
            run = replace(run, max_concurrency=max_concurrency, width=width)
        if tolerated_count is not None:
            run = replace(run, tolerated_count=tolerated_count)
        if tolerated_percentage is not None:
            run = replace(run, tolerated_percentage=tolerated_percentage)
        rows.change_limits(connection, run)
    if max_concurrency is not None and run.is_read:
        with after_commit(f"start lanes of {arn}"):
            for message in idle_lanes(engine, run):
                send(message)
    with after_commit(f"look at the failures of {arn}"):
        ring_if_failed(engine, run)
