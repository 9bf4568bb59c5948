"""Conversion of a frame into a visit, which the interpreter changes, and back."""

from dataclasses import replace
from typing import assert_never

from pipeline.interpreter.frame import Frame, Invocation, MapItem, Phase
from pipeline.language.context_object import ExecutionContext
from pipeline.language.evaluation import Sources
from pipeline.language.json_value import JsonObject
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
from pipeline.language.state_machine import State
from pipeline.language.states.wait import Wait
from pipeline.language.visit import Visit


def open_visit(frame: Frame, execution: ExecutionContext, sources: Sources) -> Visit:
    """The visit to the frame's current state."""
    if frame.redrive is not None:
        execution = replace(
            execution, redrive_count=frame.redrive.count, redriven_at=frame.redrive.at
        )
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
        recorded=frame.recorded,
        entered_event=frame.entered_event,
    )


def item_context(item: MapItem) -> JsonObject:
    """``$$.Map.Item``; it has a ``Key`` only if the items are the pairs of an object."""
    context: JsonObject = {"Index": item.index}
    if item.key is not None:
        context["Key"] = item.key
    context["Value"] = item.value
    if item.source is not None:
        context["Source"] = item.source
    return context


def close_visit(frame: Frame, visit: Visit, state: State, outcome: Outcome) -> Frame:
    """The frame after an outcome.

    Args:
        frame: The frame before.
        visit: The visit to its current state.
        state: The current state.
        outcome: The outcome of the visit.
    """
    invocation, sleep_until = frame.invocation, None
    match outcome:
        case Succeeded():
            return _ended(frame, visit, Phase.SUCCEEDED)
        case Failed():
            return _ended(frame, visit, Phase.FAILED)
        case Invoke():
            phase, frame = Phase.INVOKING, replace(frame, calls=frame.calls + 1)
            invocation = Invocation(
                resource=outcome.resource.arn,
                arguments=outcome.arguments,
                role_arn=outcome.role_arn,
            )
        case Offer():
            phase = Phase.OFFERED
            invocation = Invocation(resource=outcome.activity, arguments=outcome.arguments)
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
    return _left(frame, visit, phase, invocation, sleep_until)


def _left(
    frame: Frame,
    visit: Visit,
    phase: Phase,
    invocation: Invocation | None,
    sleep_until: float | None,
) -> Frame:
    """The frame of a visit that continues later."""
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
        redrive=frame.redrive,
        recorded=visit.length,
        entered_event=visit.entered_event,
        calls=frame.calls,
    )


def _ended(frame: Frame, visit: Visit, phase: Phase) -> Frame:
    failed = phase is Phase.FAILED
    return Frame(
        kind=frame.kind,
        scope=frame.scope,
        state=visit.name,
        phase=phase,
        entered_at=visit.entered_at,
        map_item=frame.map_item,
        # A redrive needs these to try the state again.
        input=visit.input if failed else None,
        variables=visit.variables if failed else {},
        redrive=frame.redrive,
        recorded=visit.length,
        entered_event=visit.entered_event,
    )
