"""Another application on the same broker: plain Celery in its default configuration."""

import os

from celery import Celery


class OutOfPaint(Exception):
    """What the other application's task raises."""


def paint(colour: str, coats: int = 1) -> dict[str, object]:
    """Return what was painted, or raise."""
    if colour == "invisible":
        raise OutOfPaint(f"no {colour} left")
    return {"colour": colour, "coats": coats}


def register(application: Celery) -> None:
    """Give an application the task."""
    application.task(paint, name="foreign.paint")


if "FOREIGN_BROKER_URL" in os.environ:
    app = Celery(
        "foreign",
        broker=os.environ["FOREIGN_BROKER_URL"],
        backend=os.environ["FOREIGN_RESULT_BACKEND"],
    )
    app.conf.task_default_queue = "foreign"
    app.conf.broker_connection_retry_on_startup = True
    register(app)
