"""EXPRESS executions in memory, by an engine without a worker."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from sqlalchemy import select

from config.settings import Settings
from pipeline.engine.engine import Engine
from pipeline.engine.machine_names import machine_names
from pipeline.engine.opening import open_engine
from pipeline.executions.history import shaped
from pipeline.executions.history_numbering import Numbering, numbered
from pipeline.executions.lifecycle import NewExecution
from pipeline.executor.express.execution import ExpressResult, run_express
from pipeline.executor.express.stopping import Stop, Stopped
from pipeline.interpreter.interpreter import root_frame
from pipeline.language.timestamps import format_timestamp
from pipeline.ledger.rows import ExecutionStatus
from pipeline.ledger.schema import executions, frames, history
from tests.clocks import SkippingClock
from tests.machines import call, each, only, side_by_side
from tests.platforms import PATIENCE, write_functions_file


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()


@pytest.fixture
def engine(tmp_path: Path, clock: SkippingClock) -> Iterator[Engine]:
    functions = write_functions_file(tmp_path / "functions.toml", "http://127.0.0.1", "foreign")
    settings = Settings(data_dir=tmp_path / "data", functions_file=functions, lane_limit=4)
    made = open_engine(settings, Celery(), clock=clock)
    yield made
    made.database.dispose()


def run(engine: Engine, definition: Mapping[str, Any], given: Any = None) -> ExpressResult:
    definition_id = engine.definitions.stored_id(json.dumps(definition))
    wanted = NewExecution(
        machine=machine_names(engine, "machine"), definition_id=definition_id, input=given
    )
    machine = engine.definitions.machine(definition_id)
    context = engine.executions.context(wanted.row(engine), given)
    return run_express(engine, machine, root_frame(machine, given), context, frame_id=uuid4().hex)


def output(engine: Engine, definition: Mapping[str, Any], given: Any = None) -> Any:
    result = run(engine, definition, given)
    assert result.status is ExecutionStatus.SUCCEEDED, (result.error, result.cause)
    return result.output


def types(result: ExpressResult) -> list[str]:
    return [event.type for batch in result.history for event in batch.events]


def test_functions_are_called_one_after_another(engine: Engine) -> None:
    definition = {
        "StartAt": "A",
        "States": {"A": call("double", Next="B"), "B": call("double")},
    }
    assert output(engine, definition, 3) == 12


def test_nothing_is_left_in_the_ledger(engine: Engine) -> None:
    output(engine, only(each(only(call("double")))), [1, 2])
    with engine.database.reading() as connection:
        for table in (executions, frames, history):
            assert connection.execute(select(table)).all() == []


def test_branches_and_iterations_give_their_outputs_in_order(engine: Engine) -> None:
    branches = side_by_side(only(each(only(call("double")))), only(call("echo")))
    assert output(engine, only(branches), [1, 2, 3]) == [[2, 4, 6], [1, 2, 3]]


def test_empty_maps_are_done_at_once(engine: Engine) -> None:
    assert output(engine, only(each(only(call("double")))), []) == []


@pytest.mark.parametrize(("concurrency", "most"), [(2, 2), (0, 4)])
def test_iterations_run_as_many_at_a_time_as_they_may(
    engine: Engine, tmp_path: Path, concurrency: int, most: int
) -> None:
    state = each(only(call("crowd")), MaxConcurrency=concurrency)
    item = {"counter": str(tmp_path / "counter"), "wanted": most}
    assert max(output(engine, only(state), [item] * 6)) == most


def test_failed_functions_are_tried_again(engine: Engine, tmp_path: Path) -> None:
    state = call("fail-first", Retry=[{"ErrorEquals": ["NotYet"], "IntervalSeconds": 1}])
    given = {"log": str(tmp_path / "log"), "attempts": 2}
    began = time.monotonic()
    assert output(engine, only(state), given) == 2
    assert time.monotonic() - began >= 1


def test_an_error_that_nobody_catches_fails_the_execution(engine: Engine) -> None:
    result = run(engine, only(call("fail")), 1)
    assert (result.status, result.error) == (ExecutionStatus.FAILED, "NotYet")
    assert "asked with 1" in str(result.cause)
    assert types(result)[-1] == "ExecutionFailed"


def test_a_function_that_is_not_known_fails_its_state(engine: Engine) -> None:
    caught = call("unknown", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}])
    definition = {
        "StartAt": "Call",
        "States": {"Call": caught, "Caught": {"Type": "Pass", "Result": "caught", "End": True}},
    }
    assert output(engine, definition) == "caught"


def test_a_failed_branch_ends_the_others(engine: Engine, tmp_path: Path) -> None:
    waiting = only({"Type": "Wait", "Seconds": 300, "End": True})
    held = only(call("hold"))
    given = {"log": str(tmp_path / "log"), "gate": str(tmp_path / "gate")}
    state = side_by_side(waiting, held, only(call("fail")))
    result = run(engine, only(state), given)
    assert (result.status, result.error) == (ExecutionStatus.FAILED, "NotYet")
    (tmp_path / "gate").touch()


def test_an_item_selector_that_fails_fails_the_map(engine: Engine) -> None:
    state = each(only(call("echo")), ItemSelector={"a.$": "$.missing"})
    result = run(engine, only(state | {"ItemsPath": "$.items"}), {"items": [1]})
    assert (result.status, result.error) == (ExecutionStatus.FAILED, "States.Runtime")
    assert [type_ for type_ in types(result) if "Iteration" in type_] == [
        "MapIterationStarted",
        "MapIterationFailed",
    ]


def test_a_state_times_out_although_its_function_goes_on(engine: Engine, tmp_path: Path) -> None:
    given = {"log": str(tmp_path / "log"), "gate": str(tmp_path / "gate")}
    result = run(engine, only(call("hold", TimeoutSeconds=1)), given)
    assert (result.status, result.error) == (ExecutionStatus.FAILED, "States.Timeout")
    (tmp_path / "gate").touch()


def after_skipping(
    engine: Engine, clock: SkippingClock, seconds: float, wait: Mapping[str, Any], **fields: Any
) -> Any:
    """What an execution comes to when, once it has begun, time passes at once."""
    log = engine.settings.data_dir / "log"
    states = {
        "Begin": call("log", Next="Wait", ResultPath=None),
        "Wait": side_by_side(only({"Type": "Wait", **wait, "End": True}), only(call("echo"))),
    }
    definition = {"StartAt": "Begin", "States": states, **fields}
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(run, engine, definition, {"log": str(log), "item": 1})
        while not log.exists():
            assert not running.done()
        clock.skipped += seconds
        return running.result(PATIENCE)


def test_an_execution_ends_after_five_minutes(engine: Engine, clock: SkippingClock) -> None:
    result = after_skipping(engine, clock, 301, {"Seconds": 3600})
    assert (result.status, result.error) == (ExecutionStatus.TIMED_OUT, "States.Timeout")
    assert types(result)[-1] == "ExecutionTimedOut"


def test_an_execution_ends_after_the_machines_time(engine: Engine, clock: SkippingClock) -> None:
    result = after_skipping(engine, clock, 21, {"Seconds": 3600}, TimeoutSeconds=20)
    assert result.status is ExecutionStatus.TIMED_OUT


def test_a_wait_is_waited_for(engine: Engine, clock: SkippingClock) -> None:
    until = {"Timestamp": format_timestamp(time.time() + 200)}
    result = after_skipping(engine, clock, 201, until)
    assert result.status is ExecutionStatus.SUCCEEDED


def test_its_events_can_be_numbered_like_those_of_the_ledger(engine: Engine) -> None:
    result = run(engine, only(each(only(call("double"), "Double"), MaxConcurrency=1)), [1, 2])
    numbering = Numbering()
    events = []
    for batch in result.history:
        ids = numbering.number(batch, len(batch.events))
        events += [shaped(*event) for event in numbered(batch.events, ids)]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events][:5] == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapIterationStarted",
        "TaskStateEntered",
    ]
    starts = [event for event in events if event["type"] == "MapIterationStarted"]
    assert [event["previousEventId"] for event in starts] == [3, 9]
    assert events[-1]["type"] == "ExecutionSucceeded"


def test_what_is_below_a_stop_stops_with_it() -> None:
    stop = Stop(time.time, time.time() + PATIENCE)
    with stop.part() as part, part.part() as inner, ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(inner.wait, threading.Event())
        stop.set()
        with pytest.raises(Stopped):
            waiting.result(PATIENCE)


def test_a_part_that_is_over_leaves_the_whole_alone() -> None:
    stop = Stop(time.time, time.time() + PATIENCE)
    with stop.part() as part:
        pass
    with pytest.raises(Stopped):
        part.check()
    stop.check()
    came = threading.Event()
    came.set()
    assert stop.wait(came)
    assert not stop.wait(threading.Event(), time.time())
