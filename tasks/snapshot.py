"""``statebag.snapshot`` and ``statebag.aggregate``: the stages around a distributed Map."""

from typing import Any

from celery.exceptions import Ignore

from pipeline import map_runs


def snapshot(task: Any, fan_out_id: str, moment: str) -> None:
    """Store a snapshot of a map run; the chain ends here if the map run is over."""
    try:
        map_runs.take_snapshot(task.app.worker_engine, fan_out_id, moment)
    except map_runs.StageOutOfOrder as late:
        raise Ignore(str(late)) from late


def aggregate(task: Any, fan_out_id: str) -> None:
    """Store the results of a map run; the chain ends here if they are not all there."""
    try:
        map_runs.aggregate(task.app.worker_engine, fan_out_id)
    except map_runs.StageOutOfOrder as early:
        raise Ignore(str(early)) from early
