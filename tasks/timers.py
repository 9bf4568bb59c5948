"""``statebag.sweep``: fired by beat, wakes what is due."""

from typing import Any

from pipeline.sweeper import sweep as sweep_once


def sweep(task: Any) -> None:
    """Wake every frame whose time has come, and find what was lost."""
    sweep_once(task.app.worker_engine)
