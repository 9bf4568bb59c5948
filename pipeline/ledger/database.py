"""Connections to the ledger: durable ones for transitions, quick ones for claims.

A transition waits for the disk. A claim need not: if the database loses it in a crash, the worker
that held it can no longer commit. Reads and single-statement claims run in autocommit.
"""

import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from pipeline.ledger.retrying import retrying

SQLITE_BUSY_SECONDS = 30

Key = TypeVar("Key")
Found = TypeVar("Found")


class Database:
    """The ledger's database. It connects lazily, so a forked worker process makes its own
    connections.

    Opening a connection waits for a server that is restarting. When a connection breaks, the caller
    repeats the work that was under way, since only the caller knows whether that is safe.
    """

    def __init__(self, url: str, threads: int = 10) -> None:
        """Connect to nothing yet.

        Args:
            url: SQLAlchemy's URL of the database.
            threads: How many threads of this process use the database at once; each has a
                connection of its own.
        """
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._durable = _create(self.url, threads, durable=True)
        self._quick = _create(self.url, threads, durable=False)
        self._writer = _Writer() if self.is_sqlite else None
        self._autocommit: dict[str, Any] = (
            {"autocommit_statements": True} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        )

    @contextmanager
    def durable(self) -> Iterator[Connection]:
        """One transaction that is on disk when the block ends without an error."""
        with self._exclusive(), retrying(self._durable.connect) as connection, connection.begin():
            yield connection

    @contextmanager
    def quick(self) -> Iterator[Connection]:
        """One transaction that may be lost with the database, but is never half done."""
        with self._exclusive(), retrying(self._quick.connect) as connection, connection.begin():
            yield connection

    @contextmanager
    def statement(self) -> Iterator[Connection]:
        """A connection for single quick statements that write, each committed by itself."""
        with self._exclusive(), self.reading() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for statements that only read; each sees the latest commit."""
        with retrying(self._quick.connect) as connection:
            yield connection.execution_options(**self._autocommit)

    def required(
        self,
        find: Callable[[Connection, Key], Found | None],
        key: Key,
        missing: Callable[[Key], Exception],
    ) -> Found:
        """The result of a query that must find something.

        Args:
            find: The query, which returns None if nothing has this key.
            key: The id, ARN or name.
            missing: Makes the error to raise in this case.
        """
        with self.reading() as connection:
            found = find(connection, key)
        if found is None:
            raise missing(key)
        return found

    def dispose(self) -> None:
        """Close the pooled connections."""
        self._durable.dispose()
        self._quick.dispose()

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        if self._writer is None:
            yield
        else:
            with self._writer:
                yield


class WritesNested(Exception):
    """A thread that writes to SQLite began to write on a second connection."""


class _Writer:
    """SQLite has one writer. This lock wakes waiting threads at once; SQLite's handler polls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: int | None = None

    def __enter__(self) -> None:
        if self._thread == threading.get_ident():
            # The thread would wait for itself.
            raise WritesNested
        self._lock.acquire()
        self._thread = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._thread = None
        self._lock.release()


def _create(url: URL, threads: int, *, durable: bool) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _create_sqlite(url, threads, durable=durable)
    options = "-c synchronous_commit=on" if durable else "-c synchronous_commit=off"
    engine = create_engine(url, pool_size=threads, connect_args={"options": options})

    @event.listens_for(engine, "checkout")
    def _replace_if_closed(connection: Any, *_: object) -> None:
        # A ping would cost a round trip. An idle connection becomes readable only when its server
        # closes it, for example on a restart.
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if poll.poll(0):
            raise DisconnectionError

    return engine


def _create_sqlite(url: URL, threads: int, *, durable: bool) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=threads,
        connect_args={
            "check_same_thread": False,
            "timeout": SQLITE_BUSY_SECONDS,
            # The driver must not begin transactions by itself: _begin below begins them.
            "isolation_level": None,
        },
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE, because a transaction that begins as a reader may fail to become a writer.
        if not connection.get_execution_options().get("autocommit_statements"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
