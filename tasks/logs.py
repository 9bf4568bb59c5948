"""``statebag.deliver_logs``: takes histories to log groups, which may take its time."""

from typing import Any

from pipeline.execution_logs import deliver_logs as deliver


def deliver_logs(task: Any) -> None:
    """Deliver what has been added to histories since the last time."""
    deliver(task.app.worker_engine)
