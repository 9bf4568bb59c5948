"""What workers leave for clients that wait, in the result backend.

These are not Celery results: the publisher of a task subscribes to its result, and Redis
disconnects a process that never reads its subscriptions.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from pipeline.engine.engine import Engine
from pipeline.language.json_value import Json, dump_bytes, loads

_FIRST_LOOK_SECONDS = 0.01
_LATER_LOOKS_SECONDS = 0.5

Answer = TypeVar("Answer")


def leave_answer(engine: Engine, request_id: str, answer: Json) -> None:
    """Leave an answer, which must not be null, for the client that waits."""
    engine.app.backend.set(_key(request_id), dump_bytes(answer))


def take_answer(engine: Engine, request_id: str) -> Json:
    """Take the answer away that a worker has left; null if there is none yet."""
    answer = engine.app.backend.get(_key(request_id))
    if answer is None:
        return None
    engine.app.backend.delete(_key(request_id))
    return loads(answer)


async def when_there(look: Callable[[], Answer | None]) -> Answer:
    """What is looked for, as soon as it is there; looked for less and less often."""
    pause = _FIRST_LOOK_SECONDS
    while True:
        await asyncio.sleep(pause)
        if (found := await asyncio.to_thread(look)) is not None:
            return found
        pause = min(pause * 1.2, _LATER_LOOKS_SECONDS)


def _key(request_id: str) -> str:
    return f"statebag-answer-{request_id}"
