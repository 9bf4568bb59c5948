"""What every ledger promises about its schema: made by itself, once, whoever begins."""

import subprocess
import sys

import pytest
from sqlalchemy import inspect, select, text

from pipeline.ledger import migrations
from pipeline.ledger.database import Database
from pipeline.ledger.migrations import MIGRATIONS, LedgerOfAnotherVersion, migrate
from pipeline.ledger.schema import metadata, schema_versions, workers
from pipeline.ledger.workers import beat
from tests.contract.ledgers import NOW, at_once, begin, database_url, frame, own_database

__all__ = ["database_url", "own_database"]  # fixtures

MIGRATE = """
import sys
from pipeline.ledger.database import Database
from pipeline.ledger.migrations import migrate
database = Database(sys.argv[1])
sys.stdin.readline()
migrate(database)
database.dispose()
"""


def versions(database: Database) -> list[int]:
    """The versions that the database says it has."""
    with database.reading() as connection:
        return sorted(connection.scalars(select(schema_versions.c.version)))


ALL = list(range(1, len(MIGRATIONS) + 1))


def test_an_empty_database_gets_every_table(own_database: Database) -> None:
    with own_database.reading() as connection:
        assert set(inspect(connection).get_table_names()) == set(metadata.tables)
    assert versions(own_database) == ALL


def test_migrating_again_changes_nothing(own_database: Database) -> None:
    root = begin(own_database)
    migrate(own_database)
    assert versions(own_database) == ALL
    assert frame(own_database, root.id) == root


def test_threads_that_start_at_once_migrate_once(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(6)]
    at_once(6, lambda number: migrate(databases[number]))
    assert versions(databases[0]) == ALL
    for opened in databases:
        opened.dispose()


def test_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", MIGRATE, database_url],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in processes] == [""] * 3
    assert [process.returncode for process in processes] == [0] * 3
    database = Database(database_url)
    assert versions(database) == ALL
    database.dispose()


def test_a_migration_that_fails_leaves_nothing_of_itself(
    own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_half_way(connection: object) -> None:
        beat(connection, "half", NOW)  # type: ignore[arg-type]  # a migration gets a connection
        raise OSError("no space left")

    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, fail_half_way))
    with pytest.raises(OSError, match="no space left"):
        migrate(own_database)
    assert versions(own_database) == ALL
    with own_database.reading() as connection:
        assert list(connection.scalars(select(workers.c.id))) == []


def test_a_later_migration_runs_on_a_database_that_has_the_earlier_ones(
    own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        migrations, "MIGRATIONS", (*MIGRATIONS, lambda connection: beat(connection, "new", NOW))
    )
    migrate(own_database)
    migrate(own_database)
    assert versions(own_database) == [*ALL, len(ALL) + 1]
    with own_database.reading() as connection:
        assert list(connection.scalars(select(workers.c.id))) == ["new"]


def test_a_ledger_of_another_version_is_refused_and_left_as_it_is(own_database: Database) -> None:
    root = begin(own_database)
    with own_database.durable() as connection:
        connection.execute(text("ALTER TABLE workers RENAME COLUMN heartbeat_at TO seen_at"))
    with pytest.raises(
        LedgerOfAnotherVersion, match=r"it lacks workers\.heartbeat_at\. Go on"
    ) as caught:
        migrate(own_database)
    assert caught.value.missing == ["workers.heartbeat_at"]
    assert frame(own_database, root.id) == root
