"""A call whose workers are lost again and again, seen from the ledger. No worker runs here."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from pipeline.engine.engine import Engine
from pipeline.engine.map_run_names import child_execution_arn
from pipeline.engine.opening import open_engine
from pipeline.executions.child_executions import find_child, list_children, stop_child
from pipeline.executions.history import execution_history
from pipeline.executions.lifecycle import find_execution, start_execution
from pipeline.executions.sweeper import sweep
from pipeline.executor.calls.lost_calls import MAX_LOSSES
from pipeline.executor.wake_ups import run_lane, wake
from pipeline.interpreter.frame import Phase
from pipeline.language.json_value import Json
from pipeline.ledger import claims, fan_outs, frames
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus, FrameRow
from pipeline.map_runs.status import count
from pipeline.payloads.object_store import ObjectMissing
from tasks.celery import create_app

DEFINITION = (
    '{"StartAt": "Call", "States": {"Call": {"Type": "Task", "End": true,'
    ' "Resource": "arn:aws:lambda:us-east-1:000000000000:function:deadly"}}}'
)
EACH = (
    '{"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "ItemProcessor":'
    ' {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": true}}}}}}'
)
STALE_SECONDS = 10.0


def children(execution_type: str) -> str:
    """A machine with a distributed Map over the deadly call."""
    processor = json.loads(DEFINITION)
    processor["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": execution_type}
    state = {"Type": "Map", "ItemProcessor": processor, "End": True}
    return json.dumps({"StartAt": "Each", "States": {"Each": state}})


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    functions = tmp_path / "functions.toml"
    functions.write_text('[functions.deadly]\nprovider = "python"\nhandler = "os:abort"\n')
    settings = Settings(
        data_dir=tmp_path,
        functions_file=functions,
        worker_stale_seconds=STALE_SECONDS,
        default_queue=f"lost-calls-{tmp_path.name}",
    )
    app = create_app(settings)
    engine = open_engine(settings, app, clock=clock, worker_clock=clock)
    yield engine
    engine.database.dispose()
    app.close_engine()


def start(
    engine: Engine,
    definition: str = DEFINITION,
    given: Json = None,
) -> ExecutionRow:
    return start_execution(engine, machine_name="deadly", definition=definition, input=given)


def begin_child(engine: Engine, execution: ExecutionRow) -> FrameRow:
    """Let a lane take the first item, for a worker that never beats."""
    with engine.database.reading() as connection:
        (run,) = fan_outs.fan_outs_of_execution(connection, execution.id)
    blank = FrameRow(
        id="",
        execution_id=execution.id,
        history_id=execution.id,
        fan_out_id=run.id,
        lane=0,
        turn=0,
        claimed_by="ghost",
    )
    child = fan_outs.take(engine.database, blank, group_id=None, own_history=True)
    assert child is not None
    return child


def frame(engine: Engine, frame_id: str) -> FrameRow:
    with engine.database.reading() as connection:
        row = frames.find_frame(connection, frame_id)
    assert row is not None
    return row


def arn_of(engine: Engine, child: FrameRow) -> str:
    fan_out = engine.fan_outs.cached(child.fan_out_id or "")
    return child_execution_arn(fan_out.arn or "", child.id)


def lose_a_worker(engine: Engine, execution: ExecutionRow, name: str) -> None:
    """Claim the call for a worker that never beats."""
    assert claims.claim(engine.database, execution.id, 0, name) is not None


def sweep_steadily(engine: Engine, clock: Clock) -> None:
    """Sweep once a second for longer than a silence must last."""
    for _ in range(int(STALE_SECONDS) + 2):
        clock.now += 1.0
        sweep(engine)


def claimed_by(engine: Engine, execution: ExecutionRow) -> str | None:
    with engine.database.reading() as connection:
        row = frames.find_frame(connection, execution.id)
    assert row is not None
    return row.claimed_by


def test_a_call_that_has_lost_too_many_workers_fails_its_state(
    engine: Engine, clock: Clock
) -> None:
    execution = start(engine)
    for number in range(MAX_LOSSES):
        assert find_execution(engine, execution.arn).status == "RUNNING"
        lose_a_worker(engine, execution, f"ghost-{number}")
        sweep_steadily(engine, clock)
    wake(engine, execution.id, 0)
    ended = find_execution(engine, execution.arn)
    assert (ended.status, ended.error) == ("FAILED", "StateBag.WorkerLost")


def test_a_lane_that_cannot_read_its_item_gives_the_item_up(engine: Engine, clock: Clock) -> None:
    large = [["x" * 1000] * 50]
    execution = start_execution(engine, machine_name="each", definition=EACH, input=large)
    shutil.rmtree(engine.settings.object_store)
    fresh = open_engine(engine.settings, engine.app, clock=clock, worker_clock=clock)
    with pytest.raises(ObjectMissing):
        run_lane(fresh, f"{execution.id}-0", 0, "group")
    fresh.database.dispose()
    with engine.database.reading() as connection:
        child = frames.find_frame(connection, f"{execution.id}-0.0")
    assert child is not None
    assert child.claimed_by is None
    assert child.wake_at is not None


def test_each_loss_stands_in_the_history(engine: Engine, clock: Clock) -> None:
    execution = start(engine)
    for number in range(2):
        lose_a_worker(engine, execution, f"ghost-{number}")
        sweep_steadily(engine, clock)
    types = [event["type"] for event in execution_history(engine, execution.id)]
    assert types.count("LambdaFunctionStartFailed") == 2


def test_silence_during_an_interruption_of_the_sweeps_frees_no_claim(
    engine: Engine, clock: Clock
) -> None:
    execution = start(engine)
    sweep_steadily(engine, clock)
    lose_a_worker(engine, execution, "perhaps-alive")
    clock.now += 100 * STALE_SECONDS  # the ledger was away, and with it everybody's heartbeat
    sweep(engine)
    assert claimed_by(engine, execution) == "perhaps-alive"
    sweep_steadily(engine, clock)
    assert claimed_by(engine, execution) is None


def test_the_first_call_of_an_item_is_told_of_as_lost_behind_its_start(
    engine: Engine, clock: Clock
) -> None:
    child = begin_child(engine, start(engine, children("STANDARD"), [1]))
    sweep_steadily(engine, clock)
    wake(engine, child.id, 0)
    types = [event["type"] for event in execution_history(engine, child.id)]
    assert types == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStartFailed",
    ]
    assert frame(engine, child.id).losses == 1
    assert find_child(engine, arn_of(engine, child)).execution.input == engine.payloads.pack("", 1)


def test_a_child_that_is_stopped_before_its_start_is_told_of(engine: Engine) -> None:
    child = begin_child(engine, start(engine, children("STANDARD"), [1]))
    stopped = stop_child(engine, arn_of(engine, child), error="Enough")
    assert (stopped.execution.status, stopped.execution.error) == ("ABORTED", "Enough")
    [listed] = list_children(engine, stopped.map_run, status=None, redriven=None, before=9, limit=9)
    assert listed == stopped


def test_an_express_child_that_has_lost_too_many_workers_fails(
    engine: Engine, clock: Clock
) -> None:
    child = begin_child(engine, start(engine, children("EXPRESS"), [1]))
    for number in range(MAX_LOSSES):
        if number:
            assert claims.claim(engine.database, child.id, 0, f"ghost-{number}") is not None
        sweep_steadily(engine, clock)
    wake(engine, child.id, 0)
    row = frame(engine, child.id)
    assert (row.phase, row.error) == (Phase.FAILED, "StateBag.WorkerLost")


def test_an_express_child_that_runs_too_long_has_timed_out(engine: Engine, clock: Clock) -> None:
    definition = json.loads(children("EXPRESS"))
    wait = {"Call": {"Type": "Wait", "Seconds": 3600, "End": True}}
    definition["States"]["Each"]["ItemProcessor"]["States"] = wait
    execution = start(engine, json.dumps(definition), [1])
    hasty = open_engine(engine.settings, engine.app, clock=Hasty(clock), worker_clock=clock)
    child = begin_child(engine, execution)
    sweep_steadily(engine, clock)
    wake(hasty, child.id, 0)
    hasty.database.dispose()
    found = find_child(engine, arn_of(engine, child))
    assert (found.execution.status, found.execution.error) == ("TIMED_OUT", "States.Timeout")
    counts = count(engine, found.map_run).executions
    assert (counts.timed_out, counts.failed) == (1, 0)
    for status, listed in ((ExecutionStatus.TIMED_OUT, 1), (ExecutionStatus.FAILED, 0)):
        some = list_children(engine, found.map_run, status=status, redriven=None, before=9, limit=9)
        assert len(some) == listed


class Hasty:
    """A clock by which each look takes a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self) -> float:
        self._clock.now += 60.0
        return self._clock.now


def test_an_item_that_cannot_be_read_does_not_keep_the_claims_of_others(
    engine: Engine, clock: Clock
) -> None:
    large = [["x" * 1000] * 50]
    child = begin_child(engine, start(engine, children("STANDARD"), large))
    shutil.rmtree(engine.settings.object_store)
    other = start(engine)
    lose_a_worker(engine, other, "ghost")
    fresh = open_engine(engine.settings, engine.app, clock=clock, worker_clock=clock)
    sweep_steadily(fresh, clock)
    fresh.database.dispose()
    assert frame(engine, child.id).claimed_by is None
    assert claimed_by(engine, other) is None


def test_an_execution_that_cannot_be_read_does_not_keep_the_sweep_from_others(
    engine: Engine, clock: Clock
) -> None:
    limited = json.dumps(json.loads(DEFINITION) | {"TimeoutSeconds": 5})
    unreadable = start(engine, limited, ["x" * 1000] * 50)
    shutil.rmtree(engine.settings.object_store)
    others = [start(engine, limited, number) for number in range(3)]
    clock.now += 6
    fresh = open_engine(engine.settings, engine.app, clock=clock, worker_clock=clock)
    sweep(fresh)
    fresh.database.dispose()
    assert {find_execution(engine, other.arn).status for other in others} == {"TIMED_OUT"}
    assert find_execution(engine, unreadable.arn).status == "RUNNING"
