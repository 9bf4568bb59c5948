"""What the ledger promises on SQLite alone: one file, several processes, one writer at a time."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.ledger import database as database_module
from pipeline.ledger import workers
from pipeline.ledger.database import Database, WritesNested
from pipeline.ledger.migrations import migrate
from pipeline.ledger.transition import commit
from tests.contract.ledgers import NOW, at_once, begin, events, frame, moved, transition_to

READ_ON = """
import sys
from pipeline.ledger.database import Database
from pipeline.ledger.history import batches_of
from pipeline.ledger.migrations import migrate
database = Database(sys.argv[1])
migrate(database)
print("ready", flush=True)
seen = 0
while seen < 60:
    with database.reading() as connection:
        count = len(list(batches_of(connection, sys.argv[2])))
    assert count >= seen
    seen = count
print(seen)
database.dispose()
"""

WRITE_ON = """
import sys
from pipeline.ledger.database import Database
from pipeline.ledger.transition import commit
from tests.contract.ledgers import begin, moved, new_execution, transition_to
database = Database(sys.argv[1])
row = begin(database, new_execution(id=sys.argv[2], arn=sys.argv[2]))
for _ in range(60):
    row = moved(row)
    commit(database, transition_to(row))
database.dispose()
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """URL of a file that does not exist yet, in a directory that does not either."""
    return f"sqlite:///{tmp_path / 'made' / 'ledger.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A ledger in a file."""
    opened = Database(url)
    migrate(opened)
    yield opened
    opened.dispose()


def start_process(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that uses the ledger; warnings are its errors."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    """What a process that must succeed has printed since."""
    output, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    return output


def test_another_process_reads_the_history_while_this_one_writes_it(
    database: Database, url: str
) -> None:
    row = begin(database)
    reader = start_process(READ_ON, url, row.id)
    assert reader.stdout is not None
    assert reader.stdout.readline() == "ready\n"
    for _ in range(60):
        row = moved(row)
        commit(database, transition_to(row))
    assert int(finish(reader)) >= 60


def test_two_processes_write_into_one_file(database: Database, url: str) -> None:
    writers = [start_process(WRITE_ON, url, name) for name in ("first", "second")]
    for writer in writers:
        finish(writer)
    for name in ("first", "second"):
        assert frame(database, name).version == 60
        assert events(database, name) == [b"version %d" % version for version in range(61)]


def test_a_commit_survives_that_it_leaves_the_file_behind(url: str) -> None:
    database = Database(url)
    migrate(database)
    root = begin(database)
    database.dispose()
    assert [path.name for path in Path(str(database.url.database)).parent.iterdir()] == [
        "ledger.db"
    ]
    reopened = Database(url)
    assert frame(reopened, root.id) == root
    reopened.dispose()


def test_a_busy_file_is_tried_again(
    database: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = begin(database)
    monkeypatch.setattr(database_module, "SQLITE_BUSY_SECONDS", 0)
    impatient = Database(url)
    with_lock = sqlite3.connect(str(impatient.url.database), isolation_level=None)
    with_lock.execute("BEGIN IMMEDIATE")
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            with_lock.execute("ROLLBACK")

    commit(impatient, transition_to(moved(root)), sleep=wait)
    assert len(pauses) == 3
    assert frame(impatient, root.id) == moved(root)
    with_lock.close()
    impatient.dispose()


def test_threads_that_write_in_every_way_at_once_all_come_through(database: Database) -> None:
    roots = [begin(database) for _ in range(6)]

    def write(number: int) -> int:
        row = roots[number]
        for beat in range(15):
            with database.statement() as connection:
                workers.beat(connection, str(number), NOW + beat)
            row = moved(row)
            commit(database, transition_to(row))
            with database.quick() as connection:
                workers.beat(connection, str(number), NOW + beat)
            assert frame(database, row.id) == row
        return row.version

    assert at_once(6, write) == [15] * 6


@pytest.mark.parametrize("inner", ["durable", "quick", "statement"])
@pytest.mark.parametrize("outer", ["durable", "quick", "statement"])
def test_a_thread_that_would_wait_for_itself_is_refused(
    database: Database, outer: str, inner: str
) -> None:
    with getattr(database, outer)(), pytest.raises(WritesNested), getattr(database, inner)():
        pytest.fail("the second connection can never write")
    with getattr(database, inner)() as connection:
        workers.beat(connection, "worker", NOW)


def test_a_thread_may_read_the_last_commit_while_it_writes(database: Database) -> None:
    root = begin(database)
    with database.durable() as connection:
        workers.beat(connection, "worker", NOW)
        assert frame(database, root.id) == root
