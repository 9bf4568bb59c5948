"""A call whose workers are lost again and again, seen from the ledger. No worker runs here."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from pipeline.engine import Engine
from pipeline.executions import find_execution, start_execution
from pipeline.history import execution_history
from pipeline.ledger import claims, frames
from pipeline.ledger.rows import ExecutionRow
from pipeline.payloads.object_store import ObjectMissing
from pipeline.sweeper import sweep
from pipeline.wake_ups import MOST_LOSSES, run_lane, wake
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
    engine = Engine(settings, app, clock=clock, worker_clock=clock)
    yield engine
    engine.database.dispose()
    app.close_engine()


def start(engine: Engine) -> ExecutionRow:
    return start_execution(engine, machine_name="deadly", definition=DEFINITION, input={})


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
    for number in range(MOST_LOSSES):
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
    fresh = Engine(engine.settings, engine.app, clock=clock, worker_clock=clock)
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
