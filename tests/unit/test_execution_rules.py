"""How long an execution keeps its name, and how long it can be redriven."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from sqlalchemy import update

from config.settings import Settings
from pipeline.engine.engine import Engine
from pipeline.engine.map_run_names import child_execution_name, child_of
from pipeline.engine.opening import open_engine
from pipeline.executions.history import execution_history
from pipeline.executions.lifecycle import ExecutionAlreadyExists, find_execution, start_execution
from pipeline.executor.redrivability import why_not
from pipeline.ledger.rows import ExecutionRow
from pipeline.ledger.schema import history
from tests.clocks import SkippingClock
from tests.machines import only

DAY = 86400.0


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()


@pytest.fixture
def engine(tmp_path: Path, clock: SkippingClock) -> Iterator[Engine]:
    made = open_engine(Settings(data_dir=tmp_path), Celery(), clock=clock)
    yield made
    made.database.dispose()


def start(engine: Engine, state: Any, **arguments: Any) -> ExecutionRow:
    definition = json.dumps(only(state))
    row = start_execution(
        engine, machine_name="m", definition=definition, **({"input": None} | arguments)
    )
    return find_execution(engine, row.arn)


PASS = {"Type": "Pass", "End": True}
FAIL = {"Type": "Fail", "Error": "Broken"}


def test_a_name_is_free_again_after_ninety_days(engine: Engine, clock: SkippingClock) -> None:
    first = start(engine, PASS, name="one")
    clock.skipped = 89 * DAY
    with pytest.raises(ExecutionAlreadyExists):
        start(engine, PASS, name="one")
    clock.skipped = 91 * DAY
    second = start(engine, PASS, name="one")
    assert second.arn == first.arn
    assert second.id != first.id
    assert list(execution_history(engine, first.id)) == []


def test_a_running_execution_keeps_its_name_for_ever(engine: Engine, clock: SkippingClock) -> None:
    start(engine, {"Type": "Wait", "Seconds": 90_000_000, "End": True}, name="one")
    clock.skipped = 400 * DAY
    with pytest.raises(ExecutionAlreadyExists):
        start(engine, PASS, name="one", input=1)


def test_an_execution_can_be_redriven_for_fourteen_days(
    engine: Engine, clock: SkippingClock
) -> None:
    row = start(engine, FAIL)
    clock.skipped = 13.9 * DAY
    assert why_not(engine, row) is None
    clock.skipped = 14.1 * DAY
    assert why_not(engine, row) == "Execution redrivable period exceeded"


def test_an_execution_cannot_be_redriven_a_year_after_its_start(
    engine: Engine, clock: SkippingClock
) -> None:
    row = start(engine, FAIL)
    late = replace(row, stopped_at=row.started_at + 364.9 * DAY)
    clock.skipped = 365.1 * DAY
    assert why_not(engine, late) == "Execution has exceeded the max execution time"


def test_a_history_that_is_full_has_no_room_for_a_redrive(engine: Engine) -> None:
    row = start(engine, FAIL)
    with engine.database.durable() as connection:
        connection.execute(update(history).values(length=24_999))
    assert why_not(engine, row) == "Execution history event limit exceeded"


@pytest.mark.parametrize("position", [0, 1, 999_999])
def test_the_name_of_a_child_execution_leads_to_its_place(position: int) -> None:
    name = child_execution_name(f"execution-3.{position}")
    named = child_of(name)
    assert named is not None
    assert named[1] == position
    assert named[0] != name
    assert child_of(child_execution_name("execution-3.77")) == (named[0], 77)
    assert child_of(child_execution_name("execution-4.77")) != (named[0], 77)


def test_other_names_lead_nowhere() -> None:
    map_run_id, _ = child_of(child_execution_name("execution-3.0")) or ("", 0)
    for name in ("nonsense", "", map_run_id, map_run_id.upper()):
        assert child_of(name) is None
