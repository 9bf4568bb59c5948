"""The ledgers that the contract suite runs on, each empty, and the rows to fill them with."""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from pipeline.interpreter.frame import Phase
from pipeline.ledger import frames
from pipeline.ledger import history as history_table
from pipeline.ledger.database import Database
from pipeline.ledger.fan_outs import insert_fan_out
from pipeline.ledger.migrations import migrate
from pipeline.ledger.rows import (
    ExecutionEnd,
    ExecutionRow,
    ExecutionStatus,
    FanOutRow,
    FanOutStatus,
    FrameRow,
    HistoryBatch,
)
from pipeline.ledger.schema import frames as frames_table
from pipeline.ledger.transition import FanOutEnd, Transition, commit

Result = TypeVar("Result")

NOW = 1_700_000_000.0
"""Epoch seconds at which everything happens, unless a test says otherwise."""

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A ledger that holds nothing yet; its schema is shared and must not be changed."""
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
        migrate(opened)
    else:
        opened = Database(request.getfixturevalue("postgres_ledger"))
    yield opened
    opened.dispose()


@pytest.fixture
def own_database(database_url: str) -> Iterator[Database]:
    """A ledger of the test's own, whose schema it may change."""
    opened = Database(database_url)
    migrate(opened)
    yield opened
    opened.dispose()


def at_once(count: int, act: Callable[[int], Result]) -> list[Result]:
    """What each of ``count`` threads got that acted at the same time, by number."""
    barrier = threading.Barrier(count)

    def begin(number: int) -> Result:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(begin, range(count)))


def new_execution(**values: Any) -> ExecutionRow:
    """A running execution with an id and an ARN that no other has."""
    number = next(_numbers)
    row = ExecutionRow(
        id=f"execution{number}",
        arn=f"arn:aws:states:eu-west-1:123456789012:execution:machine:{number}",
        name=str(number),
        machine_arn="arn:aws:states:eu-west-1:123456789012:stateMachine:machine",
        machine_name="machine",
        definition_id="definition",
        status=ExecutionStatus.RUNNING,
        input=b"input",
        output=None,
        error=None,
        cause=None,
        started_at=NOW,
        stopped_at=None,
        deadline_at=None,
    )
    return replace(row, **values)


def root_of(execution: ExecutionRow, **values: Any) -> FrameRow:
    """The root frame of an execution at its first commit."""
    row = FrameRow(
        id=execution.id,
        execution_id=execution.id,
        history_id=execution.id,
        fan_out_id=None,
        position=None,
        lane=None,
        turn=None,
        version=0,
        phase=Phase.INVOKING,
        body=b"body",
        output=None,
        error=None,
        cause=None,
        claimed_by=None,
        wake_at=None,
        wake_ups=0,
    )
    return replace(row, **values)


def moved(row: FrameRow, **values: Any) -> FrameRow:
    """The frame at its next version."""
    return replace(row, version=row.version + 1, **values)


def batch_of(row: FrameRow, events: bytes = b"events") -> HistoryBatch:
    """A batch of a frame's history."""
    return HistoryBatch(
        history_id=row.history_id,
        frame_id=row.id,
        parent_id=None,
        ends=False,
        length=1,
        events=events,
    )


def describe(rows: list[FrameRow]) -> list[HistoryBatch]:
    """One batch for each aborted frame, naming it."""
    return [batch_of(row, b"aborted") for row in rows]


def transition_to(row: FrameRow, **values: Any) -> Transition:
    """A transition of an unclaimed frame, with history."""
    made = Transition(
        row=row,
        claimed_by=None,
        any_claim=False,
        batch=batch_of(row, f"version {row.version}".encode()),
        describe_aborted=describe,
    )
    return replace(made, **values)


def fan_out_of(parent: FrameRow, total: int = 3, **values: Any) -> FanOutRow:
    """The fan-out that a joining frame has opened at its version."""
    row = FanOutRow(
        id=f"{parent.id}-{parent.version}",
        frame_id=parent.id,
        execution_id=parent.execution_id,
        history_id=parent.history_id,
        kind="INLINE_MAP",
        state="Map",
        total=total,
        taken=0,
        lanes=total,
        is_open=True,
        shared=b"items",
        group_id=None,
        seat=b"seat",
        tolerated_count=0,
        tolerated_percentage=0.0,
        pre_snapshot=None,
        results=None,
        post_snapshot=None,
    )
    return replace(row, **values)


def end_of(fan_out: FanOutRow, **values: Any) -> FanOutEnd:
    """The end of a fan-out that all its children came through."""
    end = FanOutEnd(fan_out_id=fan_out.id, status=FanOutStatus.SUCCEEDED, stopped_at=NOW + 1)
    return replace(end, **values)


def child_of(fan_out: FanOutRow, position: int, **values: Any) -> FrameRow:
    """A child as its lane would have taken it: every item in a lane of its own."""
    row = FrameRow(
        id=f"{fan_out.id}.{position}",
        execution_id=fan_out.execution_id,
        history_id=fan_out.history_id,
        fan_out_id=fan_out.id,
        position=position,
        lane=position,
        turn=0,
        version=0,
        phase=Phase.READY,
        body=None,
        output=None,
        error=None,
        cause=None,
        claimed_by=None,
        wake_at=None,
        wake_ups=0,
    )
    return replace(row, **values)


def begin(database: Database, execution: ExecutionRow | None = None, **values: Any) -> FrameRow:
    """Start an execution; returns its root frame."""
    execution = execution or new_execution()
    root = root_of(execution, **values)
    commit(database, transition_to(root, starts=execution))
    return root


def begin_fan_out(database: Database, total: int = 3, **values: Any) -> tuple[FrameRow, FanOutRow]:
    """Start an execution that fans out at once; returns its root frame and the fan-out."""
    execution = new_execution()
    root = root_of(execution, phase=Phase.JOINING)
    fan_out = fan_out_of(root, total, **values)
    commit(database, transition_to(root, starts=execution, opens=fan_out))
    return root, fan_out


def put(database: Database, *rows: FrameRow | FanOutRow) -> None:
    """Write rows as they are."""
    with database.durable() as connection:
        for row in rows:
            if isinstance(row, FrameRow):
                frames.insert_frame(connection, row)
            else:
                insert_fan_out(connection, row)


def frame(database: Database, frame_id: str) -> FrameRow:
    """A frame that must be there."""
    with database.reading() as connection:
        row = frames.find_frame(connection, frame_id)
    assert row is not None
    return row


def frame_ids(database: Database, fan_out_id: str) -> list[str]:
    """The children of a fan-out in order of position."""
    statement = (
        select(frames_table.c.id)
        .where(frames_table.c.fan_out_id == fan_out_id)
        .order_by(frames_table.c.position)
    )
    with database.reading() as connection:
        return list(connection.scalars(statement))


def events(database: Database, history_id: str) -> list[bytes]:
    """The events of each batch of a history, in order."""
    with database.reading() as connection:
        return [batch.events for _, batch in history_table.batches_of(connection, history_id)]


def succeeded(**values: Any) -> ExecutionEnd:
    """An execution's end with an output."""
    end = ExecutionEnd(status=ExecutionStatus.SUCCEEDED, stopped_at=NOW + 1, output=b"output")
    return replace(end, **values)
