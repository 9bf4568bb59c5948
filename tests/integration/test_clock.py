"""Time that a test moves by hand: heartbeats and time-outs of an hour take no hour."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from config.settings import Settings
from pipeline.engine.embedded import embedded_worker
from pipeline.executions.task_tokens import TaskTimedOut, send_task_heartbeat
from tasks.celery import create_app
from tests.clocks import SkippingClock
from tests.machines import call_with_token, only
from tests.platforms import Platform, write_functions_file


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()


@pytest.fixture
def platform(tmp_path: Path, clock: SkippingClock) -> Iterator[Platform]:
    functions = write_functions_file(tmp_path / "functions.toml", "http://127.0.0.1", "none")
    settings = Settings(
        data_dir=tmp_path / "data",
        functions_file=functions,
        # The in-memory broker is one for the whole process.
        default_queue=f"clock-{uuid4().hex[:8]}",
        sweep_interval_seconds=0.05,
    )
    app = create_app(settings, clock=clock)
    with embedded_worker(app, app.worker_engine):
        yield Platform(app=app, directory=tmp_path)
    app.close_engine()


def asking(platform: Platform, **fields: object) -> tuple[dict[str, object], Path]:
    asks = platform.path("asks")
    return only(call_with_token("ask", {"asks": str(asks)}, **fields), "Ask"), asks


def test_an_hour_without_a_heartbeat_is_a_heartbeat_timeout(
    platform: Platform, clock: SkippingClock
) -> None:
    definition, asks = asking(platform, HeartbeatSeconds=3600, TimeoutSeconds=86400)
    execution = platform.start(definition)
    token = platform.read(asks)
    platform.until(lambda: "TaskSubmitted" in platform.types(execution))
    clock.skipped = 3601
    ended = platform.wait(execution)
    assert (ended.status, ended.error) == ("FAILED", "States.Timeout")
    with pytest.raises(TaskTimedOut):
        send_task_heartbeat(platform.engine, token)


def test_a_heartbeat_after_3000_seconds_keeps_the_task_beyond_3601(
    platform: Platform, clock: SkippingClock
) -> None:
    definition, asks = asking(platform, HeartbeatSeconds=3600, TimeoutSeconds=86400)
    execution = platform.start(definition)
    token = platform.read(asks)
    platform.until(lambda: "TaskSubmitted" in platform.types(execution))
    clock.skipped = 3000
    send_task_heartbeat(platform.engine, token)
    clock.skipped = 3601
    # Another execution whose time has come shows that a sweep has been since.
    waiting = {"Type": "Wait", "Seconds": 1, "End": True}
    assert platform.run(only(waiting)).status == "SUCCEEDED"
    platform.send_task_success(token, "alive")
    ended = platform.wait(execution)
    assert (ended.status, ended.output) == ("SUCCEEDED", "alive")


def test_heartbeats_that_come_while_the_function_still_runs_are_not_forgotten(
    platform: Platform, clock: SkippingClock
) -> None:
    asks, gate, log = (platform.path(name) for name in ("asks", "gate", "log"))
    payload = {"asks": str(asks), "gate": str(gate), "log": str(log)}
    task = call_with_token("ask-and-stay", payload, HeartbeatSeconds=3600)
    execution = platform.start(only(task, "Ask"))
    token = platform.read(asks)
    clock.skipped = 3000
    send_task_heartbeat(platform.engine, token)
    clock.skipped = 3700
    gate.touch()
    platform.until(lambda: "TaskSubmitted" in platform.types(execution))
    platform.send_task_success(token, "alive")
    ended = platform.wait(execution)
    assert (ended.status, ended.output) == ("SUCCEEDED", "alive")


def test_a_worker_is_not_taken_for_lost_when_hours_pass_at_once(
    platform: Platform, clock: SkippingClock
) -> None:
    log, gate = platform.path("log"), platform.path("gate")
    hold = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    parameters = {"FunctionName": "hold", "Payload": {"log": str(log), "gate": str(gate)}}
    execution = platform.start(only({**hold, "Parameters": parameters}, "Hold"))
    platform.read(log)
    clock.skipped = 7200
    assert platform.run(only({"Type": "Wait", "Seconds": 1, "End": True})).status == "SUCCEEDED"
    gate.touch()
    assert platform.wait(execution).status == "SUCCEEDED"
    assert log.read_text().split() == ["begun", "ended"]
