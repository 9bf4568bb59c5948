"""From a frame to the visit the interpreter works on, and from the visit back to a frame."""

from typing import assert_never

from pipeline.frame import Frame, Invocation, MapItem, Phase
from pipeline.language.context_object import ExecutionContext
from pipeline.language.definition import State
from pipeline.language.evaluation import Sources
from pipeline.language.json_value import JsonObject
from pipeline.language.outcomes import (
    AwaitToken,
    Failed,
    FanOut,
    Invoke,
    Outcome,
    Sleep,
    Succeeded,
)
from pipeline.language.states.wait import Wait
from pipeline.language.visit import Visit


def open_visit(frame: Frame, execution: ExecutionContext, sources: Sources) -> Visit:
    """The visit to the frame's current state."""
    return Visit(
        execution=execution,
        sources=sources,
        name=frame.state,
        input=frame.input,
        entered_at=frame.entered_at,
        retries=frame.retries,
        retry_count=frame.retry_count,
        map_item=None if frame.map_item is None else item_context(frame.map_item),
        token=frame.token,
        timeout_at=frame.timeout_at,
        heartbeat_seconds=frame.heartbeat_seconds,
        heartbeat_at=frame.heartbeat_at,
        variables=frame.variables,
    )


def item_context(item: MapItem) -> JsonObject:
    """``$$.Map.Item``."""
    return {"Index": item.index, "Value": item.value}


def close_visit(frame: Frame, visit: Visit, state: State, outcome: Outcome) -> Frame:
    """The frame as the outcome leaves it.

    Args:
        frame: The frame before.
        visit: The visit to the state it has come to.
        state: That state.
        outcome: What the state asks for.
    """
    invocation, sleep_until = frame.invocation, None
    match outcome:
        case Succeeded():
            return _ended(frame, visit, Phase.SUCCEEDED)
        case Failed():
            return _ended(frame, visit, Phase.FAILED)
        case Invoke():
            phase = Phase.INVOKING
            invocation = Invocation(resource=outcome.resource.arn, arguments=outcome.arguments)
        case AwaitToken():
            phase = Phase.SUBMITTED
        case FanOut():
            phase, invocation = Phase.JOINING, None
        case Sleep():
            phase = Phase.WAITING if isinstance(state, Wait) else Phase.RETRYING
            invocation, sleep_until = None, outcome.until
            visit.begin_attempt()
        case _:
            assert_never(outcome)
    return Frame(
        kind=frame.kind,
        scope=frame.scope,
        state=visit.name,
        phase=phase,
        input=visit.input,
        entered_at=visit.entered_at,
        retries=visit.retries,
        retry_count=visit.retry_count,
        map_item=frame.map_item,
        invocation=invocation,
        token=visit.token,
        timeout_at=visit.timeout_at,
        heartbeat_seconds=visit.heartbeat_seconds,
        heartbeat_at=visit.heartbeat_at,
        sleep_until=sleep_until,
        variables=visit.variables,
    )


def _ended(frame: Frame, visit: Visit, phase: Phase) -> Frame:
    return Frame(
        kind=frame.kind,
        scope=frame.scope,
        state=visit.name,
        phase=phase,
        entered_at=visit.entered_at,
        map_item=frame.map_item,
    )
