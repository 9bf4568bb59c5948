"""``statebag.express`` and ``statebag.express_for_client``: a whole EXPRESS execution."""

from typing import Any

from pipeline.express_starts import run_order, run_order_for_client


def express(task: Any, order: dict[str, Any]) -> None:
    """Run an execution that nobody waits for."""
    run_order(task.app.worker_engine, order)


def express_for_client(task: Any, order: dict[str, Any]) -> None:
    """Run an execution for whose end a client of the API waits."""
    run_order_for_client(task.app.worker_engine, order)
