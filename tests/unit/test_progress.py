"""What a watcher of an execution sees, and how it is shown."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from rich.console import Console
from sqlalchemy import Insert, Table, insert

from config.settings import Settings
from pipeline.command_line.durations import duration
from pipeline.command_line.progress_display import progress_display
from pipeline.engine.engine import Engine
from pipeline.engine.opening import open_engine
from pipeline.executions.lifecycle import ExecutionDoesNotExist, start_execution, stop_execution
from pipeline.executions.progress import Progress, Watch
from pipeline.interpreter.frame import Phase
from pipeline.interpreter.frame_codec import encode_events
from pipeline.language.history_event import HistoryEvent
from pipeline.ledger.history import append
from pipeline.ledger.progress import FanOutProgress, progress_of_execution
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus, HistoryBatch
from pipeline.ledger.schema import fan_outs, frames


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(Settings(data_dir=tmp_path), Celery())
    yield made
    made.database.dispose()


def started(engine: Engine, **states: Any) -> ExecutionRow:
    """An execution that has run inline as far as it can."""
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    return start_execution(engine, machine_name="m", definition=definition, input={}, name="one")


WAIT = {"Type": "Wait", "Seconds": 3600, "End": True}


def row(table: Table, **values: Any) -> Insert:
    """A row with these values; what else must not be null is empty."""
    empty = {
        column.name: column.type.python_type() for column in table.columns if not column.nullable
    }
    return insert(table).values(empty | values)


def fan_out(
    engine: Engine, execution: str, state: str, *phases: Phase, total: int, is_read: bool = True
) -> None:
    """Write a fan-out whose first children are in these phases."""
    fan_out_id = f"{uuid4().hex}-1"
    with engine.database.durable() as connection:
        connection.execute(
            row(
                fan_outs,
                id=fan_out_id,
                execution_id=execution,
                state=state,
                total=total,
                is_read=is_read,
            )
        )
        for position, phase in enumerate(phases):
            child = {"id": f"{fan_out_id}.{position}", "fan_out_id": fan_out_id, "phase": phase}
            connection.execute(row(frames, execution_id=execution, lane=position, turn=0, **child))


def progress_of(engine: Engine, execution: str) -> dict[str, tuple[int, int | None]]:
    with engine.database.reading() as connection:
        found = progress_of_execution(connection, execution)
    return {fan_out.state: (fan_out.ended, fan_out.total) for fan_out in found}


def test_children_that_ended_count_however_they_ended(engine: Engine) -> None:
    phases = (Phase.SUCCEEDED, Phase.FAILED, Phase.ABORTED, Phase.INVOKING, Phase.JOINING)
    fan_out(engine, "e", "Each", *phases, total=7)
    assert progress_of(engine, "e") == {"Each": (3, 7)}


def test_a_fan_out_none_of_whose_children_has_ended_is_there(engine: Engine) -> None:
    fan_out(engine, "e", "Each", Phase.READY, total=2)
    fan_out(engine, "e", "Other", total=1)
    assert progress_of(engine, "e") == {"Each": (0, 2), "Other": (0, 1)}


def test_a_state_that_several_frames_fan_out_from_counts_as_one(engine: Engine) -> None:
    fan_out(engine, "e", "Inner", Phase.SUCCEEDED, total=2)
    fan_out(engine, "e", "Inner", Phase.SUCCEEDED, Phase.SUCCEEDED, total=3)
    assert progress_of(engine, "e") == {"Inner": (3, 5)}


def test_the_total_is_not_known_until_all_items_are_read(engine: Engine) -> None:
    fan_out(engine, "e", "Each", Phase.SUCCEEDED, total=2)
    fan_out(engine, "e", "Each", total=0, is_read=False)
    assert progress_of(engine, "e") == {"Each": (1, None)}


def test_fan_outs_of_other_executions_do_not_count(engine: Engine) -> None:
    fan_out(engine, "e", "Each", Phase.SUCCEEDED, total=2)
    assert progress_of(engine, "other") == {}


def test_states_are_counted_in_the_order_in_which_they_were_first_entered(engine: Engine) -> None:
    row = started(engine, B={"Type": "Pass", "Next": "A"}, A={"Type": "Pass", "Next": "W"}, W=WAIT)
    watch = Watch(engine, row.arn)
    assert list(watch.look().entered.items()) == [("B", 1), ("A", 1), ("W", 1)]


def test_a_second_look_adds_only_what_is_new(engine: Engine) -> None:
    row = started(engine, A={"Type": "Pass", "Next": "W"}, W=WAIT)
    watch = Watch(engine, row.arn)
    first = watch.look()
    event = HistoryEvent(type="PassStateEntered", timestamp=0, details={"name": "A", "input": 1})
    batch = HistoryBatch(
        history_id=row.id,
        frame_id="child",
        parent_id=row.id,
        ends=False,
        length=1,
        events=encode_events([event], engine.pack(row.id)),
    )
    with engine.database.durable() as connection:
        append(connection, [batch])
    assert watch.look().entered == {"A": 2, "W": 1}
    assert first.entered == {"A": 1, "W": 1}


def test_inputs_in_the_object_store_are_not_read(engine: Engine) -> None:
    row = started(engine, P={"Type": "Pass", "Result": "x" * 100_000, "Next": "W"}, W=WAIT)
    objects = [path for path in (engine.settings.data_dir / "objects").rglob("*") if path.is_file()]
    assert objects
    for path in objects:
        path.unlink()
    other = open_engine(engine.settings, Celery())  # whose cache is empty
    assert Watch(other, row.arn).look().entered == {"P": 1, "W": 1}
    other.database.dispose()


def test_fan_outs_stay_in_the_order_in_which_they_were_first_seen(engine: Engine) -> None:
    row = started(engine, W=WAIT)
    watch = Watch(engine, row.arn)
    fan_out(engine, row.id, "Zebra", total=1)
    watch.look()
    fan_out(engine, row.id, "Ape", total=1)
    assert [fan_out.state for fan_out in watch.look().fan_outs] == ["Zebra", "Ape"]


def test_watching_goes_on_until_the_execution_has_ended(engine: Engine) -> None:
    row = started(engine, W=WAIT)
    statuses = []
    for progress in Watch(engine, row.arn).until_it_ends():
        statuses.append(progress.execution.status)
        if len(statuses) == 2:
            stop_execution(engine, row.arn)
    assert statuses == [ExecutionStatus.RUNNING, ExecutionStatus.RUNNING, ExecutionStatus.ABORTED]


def test_an_execution_that_does_not_exist_cannot_be_watched(engine: Engine) -> None:
    with pytest.raises(ExecutionDoesNotExist):
        Watch(engine, "arn:none").look()


RUNNING = ExecutionRow(
    id="e",
    arn="arn",
    name="one",
    machine_arn="arn:m",
    machine_name="m",
    definition_id="d",
    status=ExecutionStatus.RUNNING,
    input=b"",
    output=None,
    error=None,
    cause=None,
    started_at=10.0,
    stopped_at=75.0,
    deadline_at=None,
)
ENDED = replace(RUNNING, status=ExecutionStatus.SUCCEEDED)


def progress(row: ExecutionRow, *, ended: int, **entered: int) -> Progress:
    each = FanOutProgress(state="Each", ended=ended, total=3)
    return Progress(execution=row, entered=Counter(entered), fan_outs=[each])


def shown(*pictures: Progress, terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120, markup=False)
    with progress_display(console) as show:
        for picture in pictures:
            show(picture)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_without_a_terminal_there_is_a_line_now_and_then_and_one_at_the_end() -> None:
    pictures = [progress(RUNNING, ended=ended, P=1) for ended in (1, 1, 2)]
    end = progress(ENDED, ended=3, P=2)
    assert shown(*pictures, end, end, terminal=False).splitlines() == [
        "    1:05  1 state entered: P; Each: 1 of 3",
        "    1:05  2 states entered: P ×2; Each: 3 of 3",  # noqa: RUF001
    ]


def test_a_terminal_shows_the_status_the_states_and_a_bar_for_each_fan_out() -> None:
    many = {f"State{number}": 1 for number in range(9)}
    text = shown(progress(RUNNING, ended=1, **many), terminal=True)
    assert "RUNNING, 1:05" in text
    assert "9 states entered: …, State4, State5, State6, State7, State8" in text
    assert "━" in text
    assert "1 of 3" in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-0.5, "0.0 s"), (4.21, "4.2 s"), (60, "1:00"), (3599.6, "1:00:00"), (7384, "2:03:04")],
)
def test_durations_are_seconds_until_there_are_minutes(seconds: float, text: str) -> None:
    assert duration(seconds) == text
