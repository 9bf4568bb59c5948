"""What the ledger promises when PostgreSQL restarts or a connection breaks: nothing is lost,
nothing is done twice, and what was committed is known to be.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text

from pipeline.interpreter.frame import Phase
from pipeline.ledger import claims
from pipeline.ledger.database import Database
from pipeline.ledger.fan_outs import TurnTaken, find_fan_out, take
from pipeline.ledger.rows import ExecutionEnd, ExecutionStatus, FanOutRow, FrameRow, HistoryBatch
from pipeline.ledger.transition import Overtaken, commit, end_at_once
from tests.contract.ledgers import (
    NOW,
    batch_of,
    begin,
    begin_fan_out,
    child_of,
    describe,
    end_of,
    events,
    fan_out_of,
    frame,
    frame_ids,
    moved,
    new_execution,
    root_of,
    transition_to,
)
from tests.contract.severing_proxy import SeveringProxy, proxied_url, proxy

__all__ = ["proxied_url", "proxy"]  # fixtures

Cut = Callable[[SeveringProxy], None]

CUTS: dict[str, Cut] = {
    "before the frame moves": lambda proxy: proxy.cut_before(b"UPDATE frames"),
    "before the history is written": lambda proxy: proxy.cut_before(b"INSERT INTO history"),
    "after the history is written": lambda proxy: proxy.cut_after(b"INSERT INTO history"),
    "before the commit": lambda proxy: proxy.cut_before(b"COMMIT"),
    "after the commit": lambda proxy: proxy.cut_after(b"COMMIT"),
}

TERMINATE = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def database(proxied_url: str) -> Iterator[Database]:
    """A ledger whose connections may be cut."""
    opened = Database(proxied_url)
    yield opened
    opened.dispose()


@pytest.fixture
def rival(postgres_ledger: str) -> Iterator[Database]:
    """The same ledger as another process reaches it."""
    opened = Database(postgres_ledger)
    yield opened
    opened.dispose()


def terminate_all(url: str) -> None:
    """Do to every connection of the database what a restart does."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        assert all(connection.scalars(TERMINATE))
    engine.dispose()


def blank_of(fan_out: FanOutRow) -> FrameRow:
    """What the first turn of the first lane is taken with."""
    return replace(child_of(fan_out, 0), id="", position=None, claimed_by="worker")


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_transition_is_written_once_wherever_its_connection_breaks(
    database: Database, proxy: SeveringProxy, cut: Cut
) -> None:
    root = begin(database, claimed_by="worker")
    row = moved(root, phase=Phase.JOINING, claimed_by=None, wake_at=NOW + 0.1)
    opened = fan_out_of(row)
    cut(proxy)
    commit(database, transition_to(row, claimed_by="worker", opens=opened))
    assert proxy.has_cut
    assert frame(database, root.id) == row
    assert events(database, root.id) == [b"version 0", b"version 1"]
    with database.reading() as connection:
        assert find_fan_out(connection, opened.id) == opened


@pytest.mark.parametrize("cut", list(CUTS.values())[1:], ids=list(CUTS)[1:])
def test_an_execution_starts_once_wherever_its_connection_breaks(
    database: Database, proxy: SeveringProxy, cut: Cut
) -> None:
    execution = new_execution()
    cut(proxy)
    root = begin(database, execution)
    assert proxy.has_cut
    assert frame(database, root.id) == root
    assert events(database, root.id) == [b"version 0"]


def test_a_transition_that_was_not_committed_yields_to_a_faster_one(
    database: Database, rival: Database, proxy: SeveringProxy
) -> None:
    root = begin(database)
    theirs = moved(root, body=b"theirs")

    def meanwhile(_: float) -> None:
        commit(rival, transition_to(theirs))

    proxy.cut_before(b"COMMIT")
    with pytest.raises(Overtaken):
        commit(database, transition_to(moved(root, body=b"ours")), sleep=meanwhile)
    assert frame(database, root.id) == theirs


def test_an_execution_that_somebody_has_moved_on_was_started_nevertheless(
    database: Database, rival: Database, proxy: SeveringProxy
) -> None:
    execution = new_execution()
    root = root_of(execution)

    def meanwhile(_: float) -> None:
        commit(rival, transition_to(moved(root)))

    proxy.cut_after(b"COMMIT")
    with pytest.raises(Overtaken):
        commit(database, transition_to(root, starts=execution), sleep=meanwhile)
    assert frame(database, root.id) == moved(root)


@pytest.mark.parametrize("answered", [False, True])
def test_a_claim_is_known_to_its_worker_wherever_its_connection_breaks(
    database: Database, proxy: SeveringProxy, answered: bool
) -> None:
    root = begin(database)
    (proxy.cut_after if answered else proxy.cut_before)(b"UPDATE frames")
    row = claims.claim(database, root.id, 0, "worker")
    assert proxy.has_cut
    assert row == replace(root, claimed_by="worker") == frame(database, root.id)


def test_a_claim_that_another_made_meanwhile_is_the_other_s(
    database: Database, rival: Database, proxy: SeveringProxy
) -> None:
    root = begin(database)

    def meanwhile(_: float) -> None:
        assert claims.claim(rival, root.id, 0, "rival") is not None

    proxy.cut_before(b"UPDATE frames")
    assert claims.claim(database, root.id, 0, "worker", sleep=meanwhile) is None
    assert frame(database, root.id).claimed_by == "rival"


def test_a_claim_is_released_although_the_connection_breaks(
    database: Database, proxy: SeveringProxy
) -> None:
    root = begin(database, claimed_by="worker")
    proxy.cut_before(b"UPDATE frames")
    assert root.claim is not None
    claims.release(database, root.claim, NOW)
    assert proxy.has_cut
    assert frame(database, root.id) == replace(root, claimed_by=None, wake_at=NOW)


@pytest.mark.parametrize("total", [1, 3], ids=["last item", "one of several"])
@pytest.mark.parametrize("answered", [False, True])
def test_a_turn_is_taken_once_wherever_its_connection_breaks(
    database: Database, proxy: SeveringProxy, answered: bool, total: int
) -> None:
    _, fan_out = begin_fan_out(database, total=total)
    (proxy.cut_after if answered else proxy.cut_before)(b"COMMIT")
    row = take(database, blank_of(fan_out), group_id=None, own_history=False)
    assert proxy.has_cut
    assert row == child_of(fan_out, 0, claimed_by="worker")
    assert frame_ids(database, fan_out.id) == [f"{fan_out.id}.0"]
    with database.reading() as connection:
        assert find_fan_out(connection, fan_out.id) == replace(fan_out, taken=1)


def test_a_turn_that_another_took_meanwhile_is_the_other_s(
    database: Database, rival: Database, proxy: SeveringProxy
) -> None:
    _, fan_out = begin_fan_out(database)

    def meanwhile(_: float) -> None:
        theirs = replace(blank_of(fan_out), claimed_by="rival")
        assert take(rival, theirs, group_id=None, own_history=False) is not None

    proxy.cut_before(b"COMMIT")
    with pytest.raises(TurnTaken):
        take(database, blank_of(fan_out), group_id=None, own_history=False, sleep=meanwhile)
    assert frame_ids(database, fan_out.id) == [f"{fan_out.id}.0"]


@pytest.mark.parametrize("answered", [False, True])
def test_stopping_an_execution_is_told_once_wherever_its_connection_breaks(
    database: Database, proxy: SeveringProxy, answered: bool
) -> None:
    root = begin(database)
    end = ExecutionEnd(status=ExecutionStatus.ABORTED, stopped_at=NOW)
    (proxy.cut_after if answered else proxy.cut_before)(b"COMMIT")
    assert end_at_once(database, root.id, end, batch_of(root, b"stopped"), describe)
    assert proxy.has_cut
    assert events(database, root.id) == [b"version 0", b"aborted", b"stopped"]


def test_pooled_connections_that_a_restart_has_closed_are_replaced_unnoticed(
    database: Database, postgres_ledger: str
) -> None:
    root = begin(database)
    _, fan_out = begin_fan_out(database)

    def never(seconds: float) -> None:
        raise AssertionError(f"waited {seconds} s")

    terminate_all(postgres_ledger)
    assert frame(database, root.id) == root
    commit(database, transition_to(moved(root)), sleep=never)
    terminate_all(postgres_ledger)
    assert claims.claim(database, root.id, 1, "worker", sleep=never) is not None
    terminate_all(postgres_ledger)
    assert take(database, blank_of(fan_out), group_id=None, own_history=False, sleep=never)


def test_a_transition_survives_that_its_server_ends_it_half_way(
    database: Database, postgres_ledger: str
) -> None:
    root, fan_out = begin_fan_out(database)
    attempts = []

    def describe_and_terminate(rows: list[FrameRow]) -> list[HistoryBatch]:
        attempts.append(rows)
        if len(attempts) == 1:
            terminate_all(postgres_ledger)
        return describe(rows)

    row = moved(root)
    commit(
        database,
        transition_to(row, closes=end_of(fan_out), describe_aborted=describe_and_terminate),
    )
    assert len(attempts) == 2
    assert frame(database, root.id) == row
    assert events(database, root.id) == [b"version 0", b"version 1"]
