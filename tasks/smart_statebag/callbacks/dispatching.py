"""Where asynchronous LLM work runs (Contract 7.4)."""

import os

from tasks.smart_statebag.bag.errors import InvalidInput, MissingSetting
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.process_services import process_services

DISPATCH = "ASYNC_DISPATCH"
INLINE, CELERY = "inline", "celery"
QUEUE = "llm"


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
    """Publish an event to the workers of the queue ``llm``.

    Raises:
        MissingSetting: This process has no way to publish.
    """
    send = process_services().send_to_queue
    if send is None:
        reason = f"is {CELERY}, but this process cannot publish to workers"
        raise MissingSetting(DISPATCH, reason=reason)
    send(QUEUE, event)
