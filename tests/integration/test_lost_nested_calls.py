"""A worker that is lost after it has started a nested execution. No worker runs here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from pipeline.engine.engine import Engine
from pipeline.engine.opening import open_engine
from pipeline.executions.lifecycle import start_execution, stop_execution
from pipeline.executions.nested_executions import start_nested
from pipeline.executor.calls import calling
from pipeline.executor.message import Message
from pipeline.executor.new_children import begin
from pipeline.executor.wake_ups import make_call, wake
from pipeline.interpreter.frame import Phase
from pipeline.interpreter.interpreter import interpret
from pipeline.language.outcomes import FunctionSucceeded, Start
from pipeline.ledger import due_frames, fan_outs, frames
from pipeline.ledger.executions import executions_of
from pipeline.ledger.rows import ExecutionRow, FrameRow
from pipeline.state_machines.machines import create_state_machine
from tasks.celery import create_app
from tests.machines import each, only
from tests.nested import SLEEPER, start_state


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    settings = Settings(data_dir=tmp_path, default_queue=f"lost-nested-{tmp_path.name}")
    app = create_app(settings)
    engine = open_engine(settings, app, start_nested=start_nested)
    yield engine
    engine.database.dispose()
    app.close_engine()


def item_of_lost_worker(engine: Engine, state: dict[str, Any]) -> FrameRow:
    """An item of a Map whose first call was made by a worker that committed nothing of it."""
    definition = json.dumps(only(each(only(state))))
    outer = start_execution(engine, machine_name="outer", definition=definition, input=[1])
    with engine.database.reading() as connection:
        (fan_out,) = fan_outs.fan_outs_of_execution(connection, outer.id)
    blank = FrameRow(
        id="",
        execution_id=outer.id,
        history_id=outer.id,
        fan_out_id=fan_out.id,
        lane=0,
        turn=0,
        claimed_by="lost worker",
    )
    row = fan_outs.take(engine.database, blank, group_id=None, own_history=False)
    assert row is not None
    burst = begin(engine, fan_out, row)
    sources = engine.sources(row.id)
    step = interpret(burst.machine, burst.frame, Start(), burst.execution, sources)
    assert step.frame.invocation is not None
    planned = calling.plan(engine, step.frame.invocation, burst.execution)
    assert isinstance(calling.make_call(engine, planned, step.frame, row), FunctionSucceeded)
    return row


def repeat_call(engine: Engine, item: FrameRow) -> None:
    """Let another worker make the call, as it does once the sweeper has freed the item."""
    with engine.database.durable() as connection:
        (freed,) = due_frames.release_orphans(connection, engine.clock(), engine.clock())
    wake(engine, freed.id, freed.version)
    message = Message(queue=engine.settings.default_queue)
    make_call(engine, message, item.id, found(engine, item.id).version)


def found(engine: Engine, frame_id: str) -> FrameRow:
    with engine.database.reading() as connection:
        row = frames.find_frame(connection, frame_id)
    assert row is not None
    return row


def started(engine: Engine, machine_arn: str) -> list[ExecutionRow]:
    with engine.database.reading() as connection:
        return executions_of(connection, machine_arn=machine_arn, limit=10)


@pytest.mark.parametrize("parameters", [{}, {"Name": "mine"}], ids=["unnamed", "named"])
@pytest.mark.parametrize("has_ended", [False, True], ids=["running", "ended"])
def test_the_repeated_call_finds_the_execution_and_hears_of_its_end(
    engine: Engine, parameters: dict[str, Any], has_ended: bool
) -> None:
    machine = create_state_machine(engine, name="inner", definition=json.dumps(SLEEPER))
    state = start_state(machine.arn, Parameters={"Input": {}, **parameters})
    item = item_of_lost_worker(engine, state)
    (nested,) = started(engine, machine.arn)
    if has_ended:
        stop_execution(engine, nested.arn)
    repeat_call(engine, item)
    if not has_ended:
        assert found(engine, item.id).phase is Phase.SUBMITTED
        stop_execution(engine, nested.arn)
        wake(engine, item.id, found(engine, item.id).version)
    assert [row.id for row in started(engine, machine.arn)] == [nested.id]
    ended = found(engine, item.id)
    assert (ended.phase, ended.error) == (Phase.FAILED, "States.TaskFailed")
