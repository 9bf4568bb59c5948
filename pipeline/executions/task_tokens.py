"""Answering task tokens: success, failure, heartbeat."""

import hmac
from dataclasses import dataclass

from pipeline.engine.engine import Engine
from pipeline.engine.task_token import frame_id_of
from pipeline.executor.advance import advance_frame
from pipeline.executor.message import Message
from pipeline.executor.publishing import publish
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.interpreter.frame import Frame
from pipeline.interpreter.interpreter import interpret
from pipeline.language.json_value import Json
from pipeline.language.outcomes import Heartbeat, TokenFailed, TokenSucceeded
from pipeline.ledger import frames
from pipeline.ledger.rows import FrameRow
from pipeline.ledger.transition import Overtaken


@dataclass(frozen=True, slots=True)
class _Holder:
    row: FrameRow
    frame: Frame


class TaskDoesNotExist(RejectedRequest):
    """There never was a task of this token, or nothing is left of it."""

    code = "TaskDoesNotExist"

    def __init__(self) -> None:
        super().__init__("Task Does Not Exist: 'Provided task does not exist'")


class TaskTimedOut(RejectedRequest):
    """The task of this token has ended: answered, timed out, or aborted."""

    code = "TaskTimedOut"

    def __init__(self) -> None:
        super().__init__("Task Timed Out: 'Provided task does not exist anymore'")


def send_task_success(engine: Engine, token: str, output: Json) -> None:
    """Give the Task state that waits for a token its result.

    Raises:
        InvalidToken: The text is no task token.
        TaskDoesNotExist: It is of no task that the ledger knows.
        TaskTimedOut: No state waits for it any more.
    """
    _answer(engine, token, TokenSucceeded(output=output))


def send_task_failure(engine: Engine, token: str, error: str, cause: str) -> None:
    """Fail the Task state that waits for a token.

    Raises:
        InvalidToken: The text is no task token.
        TaskDoesNotExist: It is of no task that the ledger knows.
        TaskTimedOut: No state waits for it any more.
    """
    _answer(engine, token, TokenFailed(error=error, cause=cause))


def send_task_heartbeat(engine: Engine, token: str) -> None:
    """Record that the holder of a token still works on it.

    The frame stays where it is and keeps its version: a function that still runs for it must be
    able to commit its result.

    Raises:
        InvalidToken: The text is no task token.
        TaskDoesNotExist: It is of no task that the ledger knows.
        TaskTimedOut: No state waits for it any more.
    """
    while not _refresh(engine, _holder(engine, token)):
        pass  # the function returned meanwhile, and the frame may hold the token still


def _refresh(engine: Engine, holder: _Holder) -> bool:
    """Record a heartbeat; False if the frame has moved since it was read."""
    row, frame = holder.row, holder.frame
    execution = engine.executions.cached(row.execution_id)
    sources = engine.sources(row.id)
    step = interpret(execution.machine, frame, Heartbeat(), execution.context, sources)
    if step.frame.phase is not frame.phase:  # the heartbeat came too late
        _answer_now(engine, holder, Heartbeat())
        raise TaskTimedOut
    with engine.database.durable() as connection:
        return frames.hear(connection, row.id, row.version, sources.now, step.frame.wake_at)


def _answer(engine: Engine, token: str, event: TokenSucceeded | TokenFailed) -> None:
    while not _answer_now(engine, _holder(engine, token), event):
        pass  # the function returned meanwhile, and the frame may hold the token still


def _answer_now(
    engine: Engine, holder: _Holder, event: TokenSucceeded | TokenFailed | Heartbeat
) -> bool:
    """Give the frame its event; False if the frame has moved since it was read."""
    try:
        continuation = advance_frame(
            engine, holder.row, holder.frame, event, Message(), any_claim=True
        )
    except Overtaken:
        return False
    publish(engine, continuation)
    return True


def _holder(engine: Engine, token: str) -> _Holder:
    frame_id = frame_id_of(token)
    with engine.database.reading() as connection:
        row = frames.find_frame(connection, frame_id)
    if row is None:
        raise TaskDoesNotExist
    if row.body is None:
        raise TaskTimedOut
    frame = engine.frame(row)
    if frame.token is None or not hmac.compare_digest(frame.token, token):
        raise TaskTimedOut
    return _Holder(row, frame)
