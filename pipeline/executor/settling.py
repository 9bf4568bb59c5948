"""Committing an outcome, and what is to be published after it."""

from typing import assert_never

from pipeline.engine.engine import Engine
from pipeline.executor.after_commit import announce
from pipeline.executor.burst import Burst, commit_burst
from pipeline.executor.calls import calling
from pipeline.executor.calls.lost_calls import lost_call
from pipeline.executor.continuation import (
    Continuation,
    HandedOver,
    Suspended,
)
from pipeline.executor.new_fan_outs import new_fan_out
from pipeline.integrations.functions.function import CeleryFunction
from pipeline.interpreter.frame import Frame, Phase
from pipeline.language.outcomes import (
    AwaitToken,
    Failed,
    FanOut,
    Invoke,
    Offer,
    Outcome,
    Sleep,
    Succeeded,
)
from pipeline.ledger import frames
from pipeline.ledger.rows import FanOutRow, FrameRow

FIRST_LOOK_SECONDS = 2.0
"""A chord is only a bell, and a short fan-out whose bell was lost should not wait for long. A look
costs one count, and the pause between two looks doubles up to redelivery_seconds."""


def first_look_at(engine: Engine) -> float:
    """When the sweeper is to look at a fan-out for the first time."""
    first = min(FIRST_LOOK_SECONDS, engine.settings.redelivery_seconds)
    return engine.clock() + first


def keep_claim(engine: Engine, burst: Burst, outcome: Invoke, *, has_result: bool) -> None:
    """Make sure that the ledger knows what it must before the function is called here.

    A result must be on disk before the next call; a token or a deadline before a client or the
    sweeper acts on it. Otherwise the claim that this worker holds is enough: should it die, the
    frame starts again from where the ledger saw it last, and no committed work is repeated.
    """
    holds_claim = burst.row.claimed_by == engine.worker_id
    if holds_claim and not has_result and outcome.token is None and outcome.deadline is None:
        return
    _commit(engine, burst, outcome, claimed_by=engine.worker_id, wake_at=burst.frame.wake_at)


def hand_over(
    engine: Engine, burst: Burst, outcome: Invoke, planned: calling.PlannedCall
) -> HandedOver:
    """Leave the call to a message of its own."""
    deadline = burst.frame.wake_at
    if burst.row.phase is Phase.READY and burst.row.losses:
        burst.events.append(lost_call(outcome.resource.arn, engine.clock()))
    _commit(engine, burst, outcome, wake_at=engine.redelivery_at(deadline))
    return call_message(engine, burst.row, planned, deadline)


def call_message(
    engine: Engine, row: FrameRow, planned: calling.PlannedCall, deadline: float | None
) -> HandedOver:
    """The message that makes a frame's call."""
    signature = engine.canvas.call(row, planned.function, planned.foreign_arguments)
    if not isinstance(planned.function, CeleryFunction):
        return HandedOver(signature=signature)

    def forget_the_wake_up() -> None:
        # Another application's task cannot be claimed: once it is published, publishing it again
        # would run it twice.
        with engine.database.statement() as connection:
            frames.settle(connection, row.id, row.version, deadline)

    return HandedOver(signature=signature, published=forget_the_wake_up)


def _commit(
    engine: Engine,
    burst: Burst,
    outcome: Outcome,
    *,
    claimed_by: str | None = None,
    wake_at: float | None = None,
    opens: FanOutRow | None = None,
) -> None:
    """Commit a burst, then announce that its execution has started or ended.

    Raises:
        Overtaken, ObjectStoreError: As ``commit_burst`` does; nothing was written.
    """
    changed = commit_burst(
        engine, burst, outcome, claimed_by=claimed_by, wake_at=wake_at, opens=opens
    )
    if changed is not None:
        announce(engine, changed.execution, has_ended=changed.has_ended)


def settle(engine: Engine, burst: Burst, before: Frame, outcome: Outcome) -> Continuation | None:
    """Commit an outcome that needs no function."""
    match outcome:
        case Succeeded() | Failed():
            _commit(engine, burst, outcome)
            return None
        case FanOut():
            fan_out = new_fan_out(engine, burst, outcome)
            _commit(engine, burst, outcome, wake_at=first_look_at(engine), opens=fan_out)
            return HandedOver(signature=engine.canvas.fan_out(fan_out), fans_out=True)
        case Offer() if burst.frame != before:
            _commit(engine, burst, outcome, wake_at=burst.frame.wake_at)
            engine.activity_polls.ring(outcome.activity)
            return Suspended()
        case Sleep() | AwaitToken() | Offer():
            if burst.frame == before and not burst.events:
                _wake_later(engine, burst)
            else:
                _commit(engine, burst, outcome, wake_at=burst.frame.wake_at)
            return Suspended()
        case Invoke():
            raise AssertionError("a call is made or handed over")
        case _:
            assert_never(outcome)


def _wake_later(engine: Engine, burst: Burst) -> None:
    """The wake-up came too early: its time stands."""
    with engine.database.statement() as connection:
        frames.settle(connection, burst.row.id, burst.row.version, burst.frame.wake_at)
