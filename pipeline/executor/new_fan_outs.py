"""The rows of fan-outs that begin."""

from collections.abc import Callable
from dataclasses import asdict

from pipeline.engine.canvas import encode_seat
from pipeline.engine.engine import Engine
from pipeline.engine.map_run_names import map_run_names
from pipeline.executor.burst import Burst
from pipeline.executor.lane_counts import lanes_at_a_time
from pipeline.language.json_value import Json
from pipeline.language.map_run_plan import Batching, ItemSource, ResultTarget
from pipeline.language.outcomes import FanOut, FanOutKind
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.rows import FanOutRow


def new_fan_out(engine: Engine, burst: Burst, outcome: FanOut) -> FanOutRow:
    """The row of a fan-out that the burst's next commit opens."""
    pack, target = engine.pack(burst.row.execution_id), outcome.writer
    fan_out_id = str(FanOutId(burst.row.id, burst.next_version))
    return FanOutRow(
        id=fan_out_id,
        frame_id=burst.row.id,
        execution_id=burst.row.execution_id,
        history_id=burst.row.history_id,
        kind=outcome.kind,
        state=burst.frame.state,
        total=outcome.total,
        taken=0,
        lanes=_lanes(outcome, engine.settings.lane_limit),
        is_open=True,
        shared=pack(_shared(outcome)),
        group_id=None,
        seat=encode_seat(engine.seat(burst.row)),
        tolerated_count=outcome.tolerated_failure_count,
        tolerated_percentage=outcome.tolerated_failure_percentage,
        pre_snapshot=None,
        results=None,
        post_snapshot=None,
        is_read=outcome.reader is None and outcome.batching is None,
        reader=_packed(outcome.reader, pack),
        batching=_packed(outcome.batching, pack),
        writer=_packed(target if target and target.bucket else None, pack),
        transformation=target.transformation if target else None,
        arn=_map_run_arn(burst, outcome, fan_out_id),
        started_at=engine.clock(),
        max_concurrency=outcome.max_concurrency,
    )


def _map_run_arn(burst: Burst, outcome: FanOut, fan_out_id: str) -> str | None:
    if outcome.kind is not FanOutKind.DISTRIBUTED_MAP:
        return None
    return map_run_names(burst.execution, burst.machine, burst.frame, fan_out_id).arn


def _lanes(outcome: FanOut, limit: int) -> int:
    """How many lanes the chord of a fan-out gets, which must be one at least."""
    if outcome.kind is FanOutKind.PARALLEL:
        return outcome.total  # all branches run at once, even beyond the limit
    # Lanes that find no item end at once, where it is not known yet how many there are.
    useful = limit if outcome.items is None else max(len(outcome.items), 1)
    return min(lanes_at_a_time(outcome.max_concurrency, limit), useful)


def _shared(outcome: FanOut) -> Json:
    if outcome.kind is FanOutKind.PARALLEL:
        return outcome.input
    if outcome.keys is not None and outcome.items is not None:
        return dict(zip(outcome.keys, outcome.items, strict=True))
    return outcome.items


def _packed(
    field: ItemSource | Batching | ResultTarget | None, pack: Callable[[Json], bytes]
) -> bytes | None:
    return None if field is None else pack(asdict(field))
