"""Reading a history while transitions append to it: nothing is ever found in between later."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from pipeline.ledger import history
from pipeline.ledger.database import Database
from pipeline.ledger.rows import HistoryBatch
from tests.contract.ledgers import at_once, database
from tests.platforms import PATIENCE

__all__ = ["database"]  # a fixture

BATCH = HistoryBatch(
    history_id="h", frame_id="f", parent_id=None, ends=False, length=1, events=b"first"
)


def settled(database: Database, history_id: str = "h") -> list[bytes]:
    return history.read_settled(database, history_id, read(history_id))


def read(history_id: str) -> Callable[[Connection], list[bytes]]:
    return lambda connection: [
        batch.events for _, batch in history.batches_of(connection, history_id)
    ]


@pytest.fixture
def postgresql(postgres_ledger: str) -> Iterator[Database]:
    database = Database(postgres_ledger)
    yield database
    database.dispose()


def await_lock(database: Database) -> None:
    """Wait until somebody waits for an advisory lock."""
    statement = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    done = threading.Event()
    for _ in range(int(PATIENCE / 0.01)):
        with database.reading() as connection:
            if connection.scalar(statement):
                return
        done.wait(0.01)
    raise AssertionError("nobody waits")


def test_a_batch_with_a_lower_number_that_is_committed_later_is_not_passed(
    postgresql: Database,
) -> None:
    with ThreadPoolExecutor(1) as threads:
        with postgresql.durable() as slow:
            history.append(slow, [BATCH])
            with postgresql.durable() as quick:
                history.append(quick, [replace(BATCH, frame_id="g", events=b"second")])
            with postgresql.reading() as connection:
                assert read("h")(connection) == [b"second"]
            reader = threads.submit(settled, postgresql)
            await_lock(postgresql)
            assert not reader.done()
        assert reader.result(PATIENCE) == [b"first", b"second"]


def test_another_history_is_read_without_waiting(postgresql: Database) -> None:
    with postgresql.durable() as slow:
        history.append(slow, [BATCH])
        assert settled(postgresql, "another") == []


def test_appenders_of_one_history_do_not_wait_for_each_other(postgresql: Database) -> None:
    with postgresql.durable() as one:
        history.append(one, [BATCH])
        with postgresql.durable() as other:
            history.append(other, [replace(BATCH, frame_id="g")])


def test_a_number_is_given_after_the_lock_is_held(postgresql: Database) -> None:
    """While a reader holds the history, nobody gets a number that would come before its end."""
    with ThreadPoolExecutor(1) as threads:

        def append() -> None:
            with postgresql.durable() as connection:
                history.append(connection, [BATCH])

        def read_slowly(connection: Connection) -> int:
            pending.append(threads.submit(append))
            await_lock(postgresql)
            number: int = connection.scalar(text("SELECT nextval('history_number_seq')"))
            return number

        pending: list[Any] = []
        number = history.read_settled(postgresql, "h", read_slowly)
        pending[0].result(PATIENCE)
    with postgresql.reading() as connection:
        assert connection.scalar(select(history.history.c.number)) > number


def test_readers_that_come_at_any_moment_read_prefixes_of_one_history(database: Database) -> None:
    def act(number: int) -> list[list[bytes]]:
        if number == 0:
            return [settled(database) for _ in range(60)]
        for step in range(20):
            with database.durable() as connection:
                batch = replace(BATCH, frame_id=f"f{number}", events=f"{number}.{step}".encode())
                history.append(connection, [batch])
        return []

    readings = at_once(5, act)[0]
    whole = settled(database)
    assert len(whole) == 80
    assert all(reading == whole[: len(reading)] for reading in readings)


def test_outlines_tell_of_batches_without_their_events(database: Database) -> None:
    with database.durable() as connection:
        history.append(connection, [BATCH, replace(BATCH, frame_id="g", length=4, ends=True)])
    with database.reading() as connection:
        outlines = history.outlines_of(connection, "h")
        assert [(one.frame_id, one.length, one.ends) for one in outlines] == [
            ("f", 1, False),
            ("g", 4, True),
        ]
        assert history.events_of(connection, [outlines[1].number]) == {outlines[1].number: b"first"}
        assert history.length_of(connection, "h") == 5
        assert history.length_of(connection, "none") == 0
