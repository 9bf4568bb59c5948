"""Waking the parent of a child that failed, if the state tolerates no more failures."""

from pipeline.engine.engine import Engine
from pipeline.executor.after_commit import send
from pipeline.executor.joins import awaits_writing, has_failed
from pipeline.ledger import fan_outs
from pipeline.ledger.rows import FanOutRow, FrameRow


def report_failure(engine: Engine, row: FrameRow) -> None:
    """Ring the parent of a frame that failed, if that is more than it tolerates."""
    if not row.has_failed or row.fan_out_id is None:
        return
    with engine.database.reading() as connection:
        fan_out = fan_outs.find_fan_out(connection, row.fan_out_id)
    if fan_out is not None:
        ring_if_failed(engine, fan_out)


def ring_if_failed(engine: Engine, fan_out: FanOutRow) -> None:
    """Ring the parent if more items have failed than it tolerates; the verdict counts them."""
    if has_failed(fan_out, fan_out.failures):
        message = engine.canvas.aggregate if awaits_writing(fan_out) else engine.canvas.ring
        send(message(fan_out))
