"""Where asynchronous LLM work is done (Contract 7.4)."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tasks.smart_statebag.bag.errors import InvalidInput, MissingSetting
from tasks.smart_statebag.bag.json_value import JsonObject

DISPATCH = "ASYNC_DISPATCH"
INLINE, CELERY = "inline", "celery"
QUEUE = "llm"

Send: TypeAlias = Callable[[str, JsonObject], None]
"""Has a worker of a queue call ``async_llm_handler:process_handler`` with an event."""


@dataclass(slots=True)
class _Place:
    send: Send | None = None


LLM_QUEUE = _Place()
"""A Celery worker puts here how it publishes; the functions themselves know no Celery."""


def dispatch_setting() -> str:
    """``inline``, the default, or ``celery``.

    Raises:
        InvalidInput: The setting holds another word.
    """
    word = os.environ.get(DISPATCH) or INLINE
    if word not in (INLINE, CELERY):
        raise InvalidInput(DISPATCH, f"is {word!r}, it must be {INLINE} or {CELERY}")
    return word


def send_to_queue(event: JsonObject) -> None:
    """Leave an event to the workers of the queue ``llm``.

    Raises:
        MissingSetting: This process has no way to publish.
    """
    if LLM_QUEUE.send is None:
        raise MissingSetting(f"{DISPATCH}={CELERY}, without a worker to publish for it,")
    LLM_QUEUE.send(QUEUE, event)
