"""Joining a fan-out: whether its children have ended, and what the parent gets.

The ledger decides, whether the chord, a failed child or the sweeper asks.
"""

from collections.abc import Iterable, Iterator

from pipeline.engine.engine import Engine
from pipeline.language.data_limits import array_within_limit
from pipeline.language.errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, ExecutionError
from pipeline.language.json_value import Json
from pipeline.language.outcomes import FanOutKind, Joined, JoinFailed
from pipeline.language.tolerated_failures import THRESHOLD_CAUSE, exceeds_tolerance
from pipeline.ledger import child_executions, frames
from pipeline.ledger.rows import FanOutRow


def verdict(engine: Engine, fan_out: FanOutRow) -> Joined | JoinFailed | None:
    """The event for the frame that fanned out, or None while it must wait on.

    A distributed Map is joined from its aggregated results, which exist before its post snapshot
    is taken; until then it waits on too.

    Args:
        engine: Whose ledger decides.
        fan_out: The fan-out as it is now.
    """
    if fan_out.error is not None:
        return JoinFailed(error=fan_out.error, cause=fan_out.cause or "")
    if too_many_failed(engine, fan_out):
        return None if awaits_writing(fan_out) else _failure(engine, fan_out)
    return _success(engine, fan_out) if all_ended(engine, fan_out) else None


def _success(engine: Engine, fan_out: FanOutRow) -> Joined | JoinFailed | None:
    if fan_out.kind != FanOutKind.DISTRIBUTED_MAP:
        try:
            return Joined(outputs=within_limit(engine, fan_out, _outputs(engine, fan_out)))
        except ExecutionError as error:
            return JoinFailed(error=error.error, cause=error.cause)
    if fan_out.results is None or fan_out.post_snapshot is None:
        return None
    results = engine.payloads.unpack(fan_out.results)
    if isinstance(results, dict):
        return Joined(outputs=[], written=results)
    assert isinstance(results, list)  # noqa: S101 - what the aggregate task stores
    return Joined(outputs=results)


def too_many_failed(engine: Engine, fan_out: FanOutRow) -> bool:
    """Whether more children have failed by now than the state tolerates."""
    with engine.database.reading() as connection:
        return has_failed(fan_out, frames.failed_items(connection, fan_out.id))


def awaits_writing(fan_out: FanOutRow) -> bool:
    """Whether a ResultWriter is still to write, which it does for a failed map run, too."""
    return fan_out.writer is not None and fan_out.results is None and fan_out.error is None


def has_failed(fan_out: FanOutRow, failed: int) -> bool:
    """Whether more items have failed than the state tolerates."""
    return exceeds_tolerance(
        failed,
        fan_out.items,
        count=fan_out.tolerated_count,
        percentage=fan_out.tolerated_percentage,
    )


def all_ended(engine: Engine, fan_out: FanOutRow) -> bool:
    """Whether every child is known, has begun and ended.

    Args:
        engine: Whose ledger decides.
        fan_out: The fan-out as it is now.
    """
    if not fan_out.is_read or fan_out.taken < fan_out.total:
        return False
    with engine.database.reading() as connection:
        return not frames.is_running(connection, fan_out.id)


def within_limit(engine: Engine, fan_out: FanOutRow, outputs: Iterable[Json]) -> list[Json]:
    """The outputs as one array, if a state may have a result of that size.

    Raises:
        ExecutionError: States.DataLimitExceeded; the rest of them was not looked at.
    """
    strict = engine.settings.strict_limits
    return array_within_limit(outputs, fan_out.state) if strict else list(outputs)


def _outputs(engine: Engine, fan_out: FanOutRow) -> Iterator[Json]:
    """The output of each child in order."""
    with engine.database.reading() as connection:
        for output in child_executions.outputs(connection, fan_out.id):
            yield None if output is None else engine.payloads.unpack(output)


def _failure(engine: Engine, fan_out: FanOutRow) -> JoinFailed:
    if fan_out.kind == FanOutKind.DISTRIBUTED_MAP:
        return JoinFailed(error=EXCEED_TOLERATED_FAILURE_THRESHOLD, cause=THRESHOLD_CAUSE)
    with engine.database.reading() as connection:
        error, cause = frames.first_failure(connection, fan_out.id)
    return JoinFailed(error=error, cause=cause)
