"""Starting lanes other than by the fan-out's chord: for a redrive, or in place of lost ones."""

from collections.abc import Iterator

from celery.canvas import Signature

from pipeline.engine.engine import Engine
from pipeline.executor.after_commit import send
from pipeline.executor.failed_children import ring_if_failed
from pipeline.executor.lane_counts import lanes_at_a_time
from pipeline.language.outcomes import FanOutKind
from pipeline.ledger import frames
from pipeline.ledger.redriving import count_waiting
from pipeline.ledger.rows import FanOutRow


def start_redriven(engine: Engine, fan_out: FanOutRow) -> None:
    """Start what is to be done again of a fan-out that was redriven."""
    for message in redriven_messages(engine, fan_out):
        send(message)
    # Children that failed for good may be too many already.
    ring_if_failed(engine, fan_out)


def redriven_messages(engine: Engine, fan_out: FanOutRow) -> Iterator[Signature]:
    """The messages that go on with a fan-out that was redriven, but those of busy lanes."""
    if fan_out.error is not None:
        yield engine.canvas.ring(fan_out)
    elif not fan_out.is_read:
        first = fan_out.first_lane
        yield engine.canvas.fan_out(fan_out, lanes=list(range(first, first + fan_out.lanes)))
    elif children_left(engine, fan_out):
        yield from idle_lanes(engine, fan_out)
    else:
        yield engine.canvas.join(fan_out)


def children_left(engine: Engine, fan_out: FanOutRow) -> int:
    """How many children of a fan-out that was read no lane has taken, or taken again, yet."""
    with engine.database.reading() as connection:
        waiting = count_waiting(connection, fan_out.id) if fan_out.redrive_count else 0
    return waiting + fan_out.total - fan_out.taken


def idle_lanes(engine: Engine, fan_out: FanOutRow) -> Iterator[Signature]:
    """The messages of lanes that no message runs, as far as there is something left for them.

    One too many finds no item, or its turn taken.
    """
    left = children_left(engine, fan_out)
    if not left:
        return
    with engine.database.reading() as connection:
        busy = frames.busy_lanes(connection, fan_out.id)
    first = fan_out.first_lane
    for lane in range(first, first + min(_width(engine, fan_out), len(busy) + left)):
        if lane not in busy:
            yield engine.canvas.added_lane(fan_out, lane)


def _width(engine: Engine, fan_out: FanOutRow) -> int:
    """How many lanes a fan-out may have now."""
    if fan_out.width is not None:
        return fan_out.width
    if fan_out.kind == FanOutKind.PARALLEL:
        return fan_out.total
    return lanes_at_a_time(fan_out.max_concurrency, engine.settings.lane_limit)
