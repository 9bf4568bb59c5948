"""What every ledger promises about history."""

from dataclasses import replace

from pipeline.ledger import history
from pipeline.ledger.database import Database
from pipeline.ledger.rows import HistoryBatch
from pipeline.ledger.transition import commit
from tests.contract.ledgers import (
    at_once,
    batch_of,
    begin,
    begin_fan_out,
    child_of,
    database,
    events,
    moved,
    put,
    transition_to,
)

__all__ = ["database"]  # a fixture


def test_a_batch_is_read_as_it_was_written(database: Database) -> None:
    batch = HistoryBatch(
        history_id="h", frame_id="f", parent_id="p", ends=True, length=3, events=bytes(range(256))
    )
    with database.durable() as connection:
        history.append(connection, [batch])
    with database.reading() as connection:
        assert [read for _, read in history.batches_of(connection, "h")] == [batch]


def test_batches_come_back_in_the_order_of_their_commits(database: Database) -> None:
    rows = [begin(database) for _ in range(3)]
    for version in range(1, 5):
        for number, row in enumerate(rows):
            rows[number] = moved(row)
            commit(database, transition_to(rows[number]))
            assert rows[number].version == version
    for row in rows:
        assert events(database, row.id) == [b"version %d" % version for version in range(5)]


def test_children_that_move_at_once_each_keep_their_order(database: Database) -> None:
    root, fan_out = begin_fan_out(database, total=6)
    children = [child_of(fan_out, position) for position in range(6)]
    put(database, *children)

    def run(number: int) -> None:
        row = children[number]
        for _ in range(5):
            row = moved(row)
            commit(database, transition_to(row))

    at_once(6, run)
    with database.reading() as connection:
        batches = [batch for _, batch in history.batches_of(connection, root.history_id)]
    for child in children:
        own = [batch.events for batch in batches if batch.frame_id == child.id]
        assert own == [b"version %d" % version for version in range(1, 6)]
    assert len(batches) == 31


def test_batches_of_one_commit_keep_their_order(database: Database) -> None:
    root = begin(database)
    batches = [batch_of(root, b"%d" % number) for number in range(20)]
    with database.durable() as connection:
        history.append(connection, batches)
    assert events(database, root.id)[1:] == [batch.events for batch in batches]


def test_a_follower_reads_on_after_the_number_it_has_seen(database: Database) -> None:
    root = begin(database)
    with database.reading() as connection:
        [(seen, _)] = history.batches_of(connection, root.id)
    commit(database, transition_to(moved(root)))
    with database.reading() as connection:
        [(number, batch)] = history.batches_of(connection, root.id, after=seen)
        assert batch.events == b"version 1"
        assert list(history.batches_of(connection, root.id, after=number)) == []


def test_a_child_execution_has_a_history_of_its_own(database: Database) -> None:
    root = begin(database)
    with database.durable() as connection:
        history.append(connection, [replace(batch_of(root, b"child's"), history_id="child")])
    assert events(database, "child") == [b"child's"]
    assert events(database, root.id) == [b"version 0"]


def test_a_transaction_may_end_thousands_of_child_executions(database: Database) -> None:
    _, fan_out = begin_fan_out(database, total=12_000)
    children = (
        child_of(fan_out, position, history_id=f"{fan_out.id}.{position}")
        for position in range(12_000)
    )
    batches = [replace(batch_of(child), parent_id=fan_out.frame_id) for child in children]
    inner = replace(batches[-1], frame_id="a branch", parent_id=batches[-1].frame_id)
    with database.durable() as connection:
        history.append(connection, [*batches[:-1], inner, batches[-1]])
    with database.reading() as connection:
        assert history.length_of(connection, batches[0].history_id) == 1
        last = [batch.frame_id for _, batch in history.batches_of(connection, inner.history_id)]
    assert last == ["a branch", batches[-1].frame_id]
