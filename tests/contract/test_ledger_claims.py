"""What every ledger promises about claims, and about the workers that hold them."""

from dataclasses import replace

import pytest

from pipeline.interpreter.frame import ENDED, Phase
from pipeline.ledger import due_frames, frames, workers
from pipeline.ledger.claims import claim, release
from pipeline.ledger.database import Database
from pipeline.ledger.rows import Claim, FrameRow
from tests.contract.ledgers import (
    NOW,
    at_once,
    begin,
    database,
    frame,
)

__all__ = ["database"]  # a fixture


def held(database: Database, frame_id: str, worker_id: str) -> Claim:
    """A claim that a worker has just made."""
    row = claim(database, frame_id, 0, worker_id)
    assert row is not None
    return claim_on(row)


def claim_on(row: FrameRow) -> Claim:
    assert row.claim is not None
    return row.claim


def test_a_claimed_frame_is_returned_as_it_now_is(database: Database) -> None:
    root = begin(database, wake_at=NOW)
    row = claim(database, root.id, 0, "worker")
    assert row == frame(database, root.id)
    assert row is not None
    assert (row.claimed_by, row.wake_at, row.version) == ("worker", None, 0)


def test_of_threads_that_claim_the_same_frame_one_wins(database: Database) -> None:
    root = begin(database)
    claimed = at_once(8, lambda number: claim(database, root.id, 0, f"worker {number}"))
    [winner] = [number for number, row in enumerate(claimed) if row is not None]
    assert frame(database, root.id).claimed_by == f"worker {winner}"


def test_a_worker_does_not_claim_a_frame_twice(database: Database) -> None:
    root = begin(database)
    assert claim(database, root.id, 0, "worker") is not None
    assert claim(database, root.id, 0, "worker") is None


@pytest.mark.parametrize("version", [0, 2])
def test_a_frame_at_another_version_is_not_claimed(database: Database, version: int) -> None:
    root = begin(database, version=1)
    assert claim(database, root.id, version, "worker") is None
    assert frame(database, root.id) == root


@pytest.mark.parametrize("phase", sorted(ENDED))
def test_a_frame_that_has_ended_is_not_claimed(database: Database, phase: Phase) -> None:
    root = begin(database, phase=phase)
    assert claim(database, root.id, 0, "worker") is None


def test_a_released_frame_can_be_claimed_by_another(database: Database) -> None:
    root = begin(database)
    release(database, held(database, root.id, "first"), NOW + 30)
    assert frame(database, root.id).wake_at == NOW + 30
    assert claim(database, root.id, 0, "second") is not None


def test_a_worker_releases_its_own_claim_only(database: Database) -> None:
    root = begin(database, claimed_by="other")
    release(database, replace(claim_on(root), worker_id="worker"), NOW)
    assert frame(database, root.id) == root


def test_a_worker_that_was_silent_keeps_the_claim_that_it_made_later(database: Database) -> None:
    root = begin(database)
    lost = held(database, root.id, "worker")
    with database.durable() as connection:
        due_frames.release_orphans(connection, NOW, NOW)
    newer = held(database, root.id, "worker")
    release(database, lost, NOW + 30)
    assert frame(database, root.id).claim == newer


def test_a_release_that_comes_late_leaves_the_claim_at_the_next_version(
    database: Database,
) -> None:
    root = begin(database)
    late = held(database, root.id, "worker")
    with database.durable() as connection:
        moved_on = replace(root, version=1, claimed_by="worker")
        assert frames.move(connection, moved_on, claimed_by="worker", any_claim=False)
    release(database, late, NOW + 30)
    assert frame(database, root.id).claim == replace(late, version=1)


def test_a_frame_that_has_ended_keeps_no_time_to_be_woken(database: Database) -> None:
    root = begin(database, phase=Phase.SUCCEEDED, claimed_by="worker")
    release(database, claim_on(root), NOW)
    assert frame(database, root.id) == root


def test_a_heartbeat_is_heard_at_the_version_of_its_frame_only(database: Database) -> None:
    root = begin(database, claimed_by="worker")
    with database.durable() as connection:
        assert frames.hear(connection, root.id, 0, NOW, NOW + 5)
        assert not frames.hear(connection, root.id, 1, NOW + 1, NOW + 9)
    heard = frame(database, root.id)
    assert (heard.heard_at, heard.wake_at) == (NOW, NOW + 5)
    assert (heard.version, heard.claimed_by) == (0, "worker")


def test_a_transition_that_began_before_a_heartbeat_does_not_undo_it(database: Database) -> None:
    root = begin(database, claimed_by="worker")
    with database.durable() as connection:
        assert frames.hear(connection, root.id, 0, NOW, NOW + 5)
        moved = replace(root, version=1, phase=Phase.SUBMITTED, claimed_by=None)
        assert frames.move(connection, moved, claimed_by="worker", any_claim=False)
    assert frame(database, root.id).heard_at == NOW


def test_a_frame_that_has_ended_hears_no_heartbeat(database: Database) -> None:
    root = begin(database, phase=Phase.ABORTED)
    with database.durable() as connection:
        assert not frames.hear(connection, root.id, 0, NOW, NOW)


def test_the_claims_of_silent_and_of_unknown_workers_are_orphans(database: Database) -> None:
    silent, forgotten, alive, unclaimed = (
        begin(database, claimed_by=worker).id for worker in ("silent", "forgotten", "alive", None)
    )
    ended = begin(database, claimed_by="silent", phase=Phase.SUCCEEDED)
    with database.statement() as connection:
        for worker in ("silent", "alive", "forgotten"):
            workers.beat(connection, worker, NOW - 11)
        workers.beat(connection, "alive", NOW - 10)
        workers.forget(connection, "forgotten")
        assert due_frames.has_orphans(connection, NOW - 10)
    with database.durable() as connection:
        freed = due_frames.release_orphans(connection, NOW - 10, NOW)
    assert {row.id for row in freed} == {silent, forgotten}
    for row in freed:
        assert row == frame(database, row.id)
        assert (row.claimed_by, row.wake_at, row.version) == (None, NOW, 0)
    assert frame(database, alive).claimed_by == "alive"
    assert frame(database, unclaimed).wake_at is None
    assert frame(database, ended.id) == ended
    with database.reading() as connection:
        assert not due_frames.has_orphans(connection, NOW - 10)


def test_of_sweepers_that_release_the_same_orphans_each_is_freed_by_one(
    database: Database,
) -> None:
    claimed = {begin(database, claimed_by="lost").id for _ in range(10)}

    def free(_: int) -> list[str]:
        with database.durable() as connection:
            return [row.id for row in due_frames.release_orphans(connection, NOW - 10, NOW)]

    freed = [frame_id for ids in at_once(4, free) for frame_id in ids]
    assert sorted(freed) == sorted(claimed)


def test_workers_that_were_silent_for_long_are_forgotten(database: Database) -> None:
    root = begin(database, claimed_by="old")
    with database.statement() as connection:
        workers.beat(connection, "old", NOW - 1000)
        workers.beat(connection, "young", NOW)
        workers.forget_silent(connection, NOW - 100)
    assert frame(database, root.id).claimed_by == "old"
    with database.reading() as connection:
        assert due_frames.has_orphans(connection, NOW - 2000)
