"""An application of Celery alone, as it comes, to measure the engine against.

The worker is ``celery -A benchmarks.bare_celery worker``; the environment names its services.
"""

import os
from typing import Any

from celery import Celery

QUEUE = "bare"

app = Celery(
    "bare",
    broker=os.environ.get("BARE_BROKER_URL", "memory://"),
    backend=os.environ.get("BARE_RESULT_BACKEND", "cache+memory://"),
    set_as_current=False,
)
app.conf.update(
    task_default_queue=QUEUE,
    # Both workers share a virtual host, and the other one greets in MessagePack.
    control_exchange=QUEUE,
    broker_connection_retry_on_startup=True,
)


@app.task  # type: ignore[untyped-decorator]  # Celery ships no types
def echo(value: Any) -> Any:
    """Return the value: the least that a task can do."""
    return value
