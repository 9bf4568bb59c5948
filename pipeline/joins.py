"""Joining a fan-out: whether its children have ended, and what the parent gets.

The ledger decides, whoever asks: the chord, a child that failed, or the sweeper.
"""

from collections.abc import Mapping

from pipeline.engine import Engine
from pipeline.frame import ENDED, Phase
from pipeline.language.errors import EXCEED_TOLERATED_FAILURE_THRESHOLD
from pipeline.language.json_value import Json
from pipeline.language.outcomes import FanOutKind, Joined, JoinFailed
from pipeline.ledger import frames
from pipeline.ledger.rows import FanOutRow

_THRESHOLD_CAUSE = "The specified tolerated failure threshold was exceeded"


def verdict(engine: Engine, fan_out: FanOutRow) -> Joined | JoinFailed | None:
    """The event for the frame that fanned out, or None while it must wait on.

    A distributed Map is joined from its aggregated results, which exist before its post snapshot
    is taken; until then it waits on too.
    """
    with engine.database.reading() as connection:
        counts = frames.count_by_phase(connection, fan_out.id)
    if fan_out.error is not None:
        return JoinFailed(error=fan_out.error, cause=fan_out.cause or "")
    if has_failed(fan_out, counts.get(Phase.FAILED, 0)):
        return None if awaits_writing(fan_out) else _failure(engine, fan_out)
    return _success(engine, fan_out) if all_ended(fan_out, counts) else None


def _success(engine: Engine, fan_out: FanOutRow) -> Joined | None:
    if fan_out.kind != FanOutKind.DISTRIBUTED_MAP:
        return Joined(outputs=collect_outputs(engine, fan_out))
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
        counts = frames.count_by_phase(connection, fan_out.id)
    return has_failed(fan_out, counts.get(Phase.FAILED, 0))


def awaits_writing(fan_out: FanOutRow) -> bool:
    """Whether a ResultWriter is still to write, which it does for a failed map run, too."""
    return fan_out.writer is not None and fan_out.results is None and fan_out.error is None


def has_failed(fan_out: FanOutRow, failed: int) -> bool:
    """Whether more children have failed than the state tolerates (specification: "Map State").

    A threshold of zero tolerates nothing; where both are given, either may be exceeded.
    """
    if failed == 0:
        return False
    count, percentage = fan_out.tolerated_count, fan_out.tolerated_percentage
    if not count and not percentage:
        return True
    exceeds_percentage = bool(percentage) and failed * 100 > percentage * fan_out.total
    return exceeds_percentage or (bool(count) and failed > count)


def all_ended(fan_out: FanOutRow, counts: Mapping[Phase, int]) -> bool:
    """Whether every child is known, has begun and ended."""
    return fan_out.is_read and sum(counts.get(phase, 0) for phase in ENDED) == fan_out.total


def collect_outputs(engine: Engine, fan_out: FanOutRow) -> list[Json]:
    """The output of each child in order; null for a failure that is tolerated."""
    unpack = engine.payloads.unpack
    with engine.database.reading() as connection:
        packed = list(frames.outputs(connection, fan_out.id))
    return [None if output is None else unpack(output) for output in packed]


def _failure(engine: Engine, fan_out: FanOutRow) -> JoinFailed:
    if fan_out.kind == FanOutKind.DISTRIBUTED_MAP:
        return JoinFailed(error=EXCEED_TOLERATED_FAILURE_THRESHOLD, cause=_THRESHOLD_CAUSE)
    with engine.database.reading() as connection:
        error, cause = frames.first_failure(connection, fan_out.id)
    return JoinFailed(error=error, cause=cause)
