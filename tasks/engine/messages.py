"""The engine's own messages: what a worker does when one of them arrives."""

from typing import Any

from celery.exceptions import Ignore

from pipeline.executions import express_starts, log_delivery, sweeper
from pipeline.executor import wake_ups
from pipeline.map_runs import stages
from tasks.engine.seat import leave


def wake_up(task: Any, frame_id: str, version: int) -> None:
    """``statebag.advance``: advance a frame, if it is still at this version."""
    engine = task.app.worker_engine
    leave(task, engine, wake_ups.wake(engine, frame_id, version))


def lane(task: Any, fan_out_id: str, number: int) -> None:
    """``statebag.lane``: a header task of a fan-out's chord takes items while it can."""
    engine = task.app.worker_engine
    leave(task, engine, wake_ups.run_lane(engine, fan_out_id, number, task.request.group))


def snapshot(task: Any, fan_out_id: str, moment: str) -> None:
    """``statebag.snapshot``: store a snapshot of a map run, or end the chain if it is over."""
    try:
        stages.take_snapshot(task.app.worker_engine, fan_out_id, moment)
    except stages.StageOutOfOrder as late:
        raise Ignore(str(late)) from late


def aggregate(task: Any, fan_out_id: str) -> None:
    """``statebag.aggregate``: store a map run's results, or end the chain if some are missing."""
    try:
        stages.aggregate(task.app.worker_engine, fan_out_id)
    except stages.StageOutOfOrder as early:
        raise Ignore(str(early)) from early


def sweep(task: Any) -> None:
    """``statebag.sweep``, which beat fires: wake what is due, and find what was lost."""
    sweeper.sweep(task.app.worker_engine)


def deliver_logs(task: Any) -> None:
    """``statebag.deliver_logs``: deliver new history events to their log groups."""
    log_delivery.deliver_logs(task.app.worker_engine)


def express(task: Any, order: dict[str, Any]) -> None:
    """``statebag.express``: run an EXPRESS execution that no client waits for."""
    express_starts.run_order(task.app.worker_engine, order)


def express_for_client(task: Any, order: dict[str, Any]) -> None:
    """``statebag.express_for_client``: run one for a client of the API that waits for its end."""
    express_starts.run_order_for_client(task.app.worker_engine, order)
