"""What the ledger costs: microseconds for each operation, on SQLite and on PostgreSQL.

``python -m benchmarks.ledger_cost --postgres postgresql+psycopg://postgres@127.0.0.1/postgres``;
without the option SQLite stands alone. Every figure is the median of single calls, and the
databases take turns, so that a busy machine slows both alike. A bare ``SELECT 1`` is the unit.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from pipeline.interpreter.frame import Phase
from pipeline.ledger import frames
from pipeline.ledger.database import Database
from pipeline.ledger.fan_outs import insert_fan_out, take
from pipeline.ledger.migrations import migrate
from pipeline.ledger.rows import (
    ExecutionRow,
    ExecutionStatus,
    FanOutRow,
    FrameRow,
    HistoryBatch,
)
from pipeline.ledger.transition import Transition, commit

BODY = bytes(600)
"""A frame of some small states packs into about this much."""

BATCH = 25
"""Calls of one operation in a row, so that each finds the processor as it leaves it."""

Operation = Callable[[int], None]
"""One call of the operation; the argument counts the calls."""


class Subject:
    """One database with one execution, and the operations that are measured on it."""

    def __init__(self, name: str, url: str, calls: int) -> None:
        self.name = name
        self.database = Database(url)
        migrate(self.database)
        self.id = uuid4().hex
        self.root = _frame(self.id, None)
        commit(
            self.database,
            replace(_transition(self.root), starts=_execution(self.id)),
        )
        with self.database.durable() as connection:
            insert_fan_out(connection, _fan_out(self.id))
            for number in range(calls):
                frames.insert_frame(connection, _frame(f"{self.id}.{number}", None))
        self.operations: dict[str, Operation] = {
            "SELECT 1": self.select_one,
            "read a frame": self.read,
            "claim": self.claim,
            "durable transition": self.transition,
            "take": self.take,
        }

    def select_one(self, _: int) -> None:
        """The least that a question to this database costs."""
        with self.database.reading() as connection:
            connection.scalar(text("SELECT 1"))

    def read(self, _: int) -> None:
        """What a wake-up begins with."""
        with self.database.reading() as connection:
            frames.find_frame(connection, self.id)

    def claim(self, number: int) -> None:
        """Claim a frame that nobody has claimed."""
        with self.database.statement() as connection:
            row = frames.claim(connection, f"{self.id}.{number}", 0, "bench", None)
        assert row is not None  # noqa: S101 - otherwise nothing was measured

    def transition(self, _: int) -> None:
        """Move a frame, with a batch of history."""
        row = replace(self.root, version=self.root.version + 1)
        commit(self.database, _transition(row))
        self.root = row

    def take(self, number: int) -> None:
        """Give a lane its next item."""
        child = replace(_frame("", f"{self.id}-9"), lane=0, turn=number, claimed_by="bench")
        assert take(self.database, child, group_id="group", own_history=False)  # noqa: S101


def _frame(frame_id: str, fan_out_id: str | None) -> FrameRow:
    return FrameRow(
        id=frame_id,
        execution_id=frame_id,
        history_id=frame_id,
        fan_out_id=fan_out_id,
        position=None,
        lane=None,
        turn=None,
        version=0,
        phase=Phase.READY,
        body=BODY if fan_out_id is None else None,
        output=None,
        error=None,
        cause=None,
        claimed_by=None,
        wake_at=None,
        wake_ups=0,
    )


def _transition(row: FrameRow) -> Transition:
    batch = HistoryBatch(
        history_id=row.history_id,
        frame_id=row.id,
        parent_id=None,
        ends=False,
        length=1,
        events=BODY,
    )
    return Transition(
        row=row, claimed_by=None, any_claim=False, batch=batch, describe_aborted=lambda _: []
    )


def _execution(execution_id: str) -> ExecutionRow:
    return ExecutionRow(
        id=execution_id,
        arn=execution_id,
        name=execution_id,
        machine_arn="bench",
        machine_name="bench",
        definition_id="bench",
        status=ExecutionStatus.RUNNING,
        input=b"",
        output=None,
        error=None,
        cause=None,
        started_at=0.0,
        stopped_at=None,
        deadline_at=None,
    )


def _fan_out(frame_id: str) -> FanOutRow:
    return FanOutRow(
        id=f"{frame_id}-9",
        frame_id=frame_id,
        execution_id=frame_id,
        history_id=frame_id,
        kind="inline",
        state="Map",
        total=1_000_000,
        taken=0,
        lanes=1,
        is_open=True,
        shared=b"",
        group_id=None,
        seat=b"",
        tolerated_count=0,
        tolerated_percentage=0.0,
        pre_snapshot=None,
        results=None,
        post_snapshot=None,
    )


def measure(subjects: list[Subject], calls: int) -> dict[str, dict[str, float]]:
    """Microseconds of each operation on each database, medians."""
    seconds: dict[str, dict[str, list[float]]] = {
        subject.name: {operation: [] for operation in subject.operations} for subject in subjects
    }
    for first in range(0, calls, BATCH):
        for subject in subjects:
            for name, operation in subject.operations.items():
                for number in range(first, first + BATCH):
                    began = time.perf_counter()
                    operation(number)
                    seconds[subject.name][name].append(time.perf_counter() - began)
    return {
        subject: {name: 1e6 * statistics.median(taken) for name, taken in operations.items()}
        for subject, operations in seconds.items()
    }


def print_table(figures: dict[str, dict[str, float]]) -> None:
    """The databases side by side, with each figure's ratio to the bare ``SELECT 1``."""
    print(f"{'operation':20}" + "".join(f"{name + ' us':>15}{'ratio':>8}" for name in figures))
    for operation in next(iter(figures.values())):
        cells = (
            f"{of[operation]:15.0f}{of[operation] / of['SELECT 1']:8.1f}" for of in figures.values()
        )
        print(f"{operation:20}" + "".join(cells))


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """URL of a new PostgreSQL database, dropped at the end."""
    name = f"statebag_bench_{uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", help="SQLAlchemy URL of a server to make a database on")
    parser.add_argument(
        "--calls", type=int, default=500, help="calls of each operation, a multiple of 25"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        subjects = [Subject("SQLite", f"sqlite:///{Path(directory) / 'ledger.db'}", options.calls)]
        if options.postgres is None:
            print_table(measure(subjects, options.calls))
        else:
            with new_database(options.postgres) as url:
                subjects.append(Subject("PostgreSQL", url, options.calls))
                print_table(measure(subjects, options.calls))
        for subject in subjects:
            subject.database.dispose()


if __name__ == "__main__":
    main()
