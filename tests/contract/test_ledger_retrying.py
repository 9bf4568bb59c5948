"""Which errors of a database pass, and how long they are given."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from pipeline.ledger.database import Database
from pipeline.ledger.retrying import PAUSES, retrying
from pipeline.ledger.transition import commit
from tests.contract.ledgers import (
    begin_fan_out,
    child_of,
    end_of,
    events,
    frame,
    moved,
    put,
    transition_to,
)


@pytest.fixture
def database(postgres_ledger: str) -> Iterator[Database]:
    """A ledger on PostgreSQL."""
    opened = Database(postgres_ledger)
    yield opened
    opened.dispose()


class Failing:
    """An operation that the database refuses so many times with a state."""

    def __init__(self, database: Database, state: str, times: int) -> None:
        self._database = database
        self._refusal = text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$")
        self._times = times
        self.attempts = 0

    def __call__(self) -> int:
        self.attempts += 1
        if self.attempts <= self._times:
            with self._database.quick() as connection:
                connection.execute(self._refusal)
        return self.attempts


@pytest.mark.parametrize("state", ["40001", "40P01", "53300", "57P01", "57P02", "57P03"])
def test_an_error_that_passes_is_outlasted(database: Database, state: str) -> None:
    pauses: list[float] = []
    assert retrying(Failing(database, state, times=2), sleep=pauses.append) == 3
    assert pauses == list(PAUSES[:2])


def test_an_error_that_does_not_pass_in_time_is_raised_after_growing_pauses(
    database: Database,
) -> None:
    pauses: list[float] = []
    failing = Failing(database, "40001", times=100)
    with pytest.raises(DBAPIError):
        retrying(failing, sleep=pauses.append)
    assert failing.attempts == len(PAUSES) + 1
    assert pauses == sorted(set(pauses)) == list(PAUSES)


@pytest.mark.parametrize("state", ["23505", "42P01", "53100"])
def test_an_error_that_does_not_pass_is_raised_at_once(database: Database, state: str) -> None:
    failing = Failing(database, state, times=1)
    with pytest.raises(DBAPIError):
        retrying(failing)
    assert failing.attempts == 1


def test_an_error_of_another_kind_is_raised_at_once() -> None:
    attempts = []

    def fail() -> None:
        attempts.append(1)
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - it has no message
        retrying(fail)
    assert attempts == [1]


def test_further_attempts_may_differ_from_the_first(database: Database) -> None:
    first, again = Failing(database, "40001", times=1), Failing(database, "40001", times=1)
    assert retrying(first, again, sleep=lambda _: None) == 2
    assert (first.attempts, again.attempts) == (1, 2)


def test_a_server_that_cannot_be_reached_is_waited_for() -> None:
    engine = create_engine("postgresql+psycopg://postgres@127.0.0.1:1/none")
    pauses: list[float] = []
    with pytest.raises(OperationalError):
        retrying(engine.connect, sleep=pauses.append)
    assert pauses == list(PAUSES)


def test_a_statement_that_sqlite_cannot_read_is_raised_at_once() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(OperationalError):
        retrying(
            lambda: connection.execute(text("SELECT * FROM nowhere")),
            sleep=lambda seconds: pytest.fail(f"waited {seconds} s"),
        )
    engine.dispose()


def test_a_transition_that_is_the_victim_of_a_deadlock_is_written_after_it(
    database: Database, postgres_ledger: str
) -> None:
    root, fan_out = begin_fan_out(database)
    child = child_of(fan_out, 0)
    put(database, child)
    row = moved(root)
    plain = make_url(postgres_ledger).set(drivername="postgresql").render_as_string()
    with psycopg.connect(plain) as rival, psycopg.connect(plain, autocommit=True) as watcher:
        rival.execute("SET deadlock_timeout = '1h'")  # so it is never the one to give up
        rival.execute("UPDATE frames SET wake_ups = 7 WHERE id = %s", (child.id,))
        thread = threading.Thread(
            target=commit, args=(database, transition_to(row, closes=end_of(fan_out)))
        )
        thread.start()
        wait_until_blocked(watcher)
        rival.execute("UPDATE frames SET wake_ups = 7 WHERE id = %s", (root.id,))
        rival.commit()
        thread.join()
    assert frame(database, root.id) == row
    assert frame(database, child.id).has_ended
    assert events(database, root.id) == [b"version 0", b"aborted", b"version 1"]


def wait_until_blocked(watcher: psycopg.Connection) -> None:
    """Return when some connection of the database waits for a lock."""
    blocked = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while watcher.execute(blocked).fetchone() == (0,):
        threading.Event().wait(0.005)
