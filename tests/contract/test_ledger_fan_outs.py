"""What every ledger promises about fan-outs: each item is taken once, and by one lane."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from pipeline.interpreter.frame import Phase
from pipeline.language.tolerated_failures import exceeds_tolerance
from pipeline.ledger import frames
from pipeline.ledger.child_executions import outputs
from pipeline.ledger.database import Database
from pipeline.ledger.fan_outs import (
    StoredItems,
    TurnTaken,
    fan_outs_of_execution,
    find_fan_out,
    find_page,
    record_failure,
    record_items,
    record_stage,
    take,
)
from pipeline.ledger.migrations import migrate
from pipeline.ledger.redriving import count_waiting
from pipeline.ledger.rows import FanOutRow, FanOutStatus, FrameRow
from pipeline.ledger.transition import Overtaken, Transition, commit
from tests.contract.ledgers import (
    at_once,
    begin_fan_out,
    child_of,
    database,
    fan_out_of,
    frame,
    frame_ids,
    moved,
    put,
    transition_to,
)

__all__ = ["database"]  # a fixture

LANES = 6


def find(database: Database, fan_out_id: str) -> FanOutRow:
    """A fan-out that must be there."""
    with database.reading() as connection:
        row = find_fan_out(connection, fan_out_id)
    assert row is not None
    return row


def take_turn(
    database: Database,
    fan_out: FanOutRow,
    lane: int,
    turn: int,
    *,
    group_id: str | None = None,
    own_history: bool = False,
) -> FrameRow | None:
    """Let a lane take its next item."""
    blank = replace(
        child_of(fan_out, 0), id="", position=None, lane=lane, turn=turn, claimed_by="worker"
    )
    return take(database, blank, group_id=group_id, own_history=own_history)


def failing(child: FrameRow, *, phase: Phase = Phase.FAILED) -> Transition:
    """The transition that fails a child."""
    row = moved(child, phase=phase, error="Broken", cause="", item_count=child.item_count)
    return transition_to(row, claimed_by=child.claimed_by)


def test_an_item_that_is_taken_is_a_frame_claimed_by_the_taker(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    first = take_turn(database, fan_out, lane=1, turn=0)
    second = take_turn(database, fan_out, lane=0, turn=0)
    expected = child_of(fan_out, 0, lane=1, claimed_by="worker")
    assert first == expected
    assert second == replace(expected, id=f"{fan_out.id}.1", position=1, lane=0)
    for row in (first, second):
        assert row is not None
        assert frame(database, row.id) == row
    assert find(database, fan_out.id).taken == 2


def test_a_child_execution_is_a_history_of_its_own(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    row = take_turn(database, fan_out, lane=0, turn=0, own_history=True)
    assert row is not None
    assert row.history_id == row.id == f"{fan_out.id}.0"


def test_the_group_is_remembered_from_the_lane_that_knows_it(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    for turn, (group_id, known) in enumerate([(None, None), ("group", "group"), (None, "group")]):
        take_turn(database, fan_out, lane=0, turn=turn, group_id=group_id)
        assert find(database, fan_out.id).group_id == known


@pytest.mark.parametrize("total", [0, 1, 5, 40])
def test_lanes_take_every_item_once_and_no_more(database: Database, total: int) -> None:
    _, fan_out = begin_fan_out(database, total=total)

    def run_lane(lane: int) -> list[str]:
        rows = (take_turn(database, fan_out, lane, turn) for turn in itertools.count())
        return [row.id for row in itertools.takewhile(bool, rows) if row]

    taken = [frame_id for ids in at_once(LANES, run_lane) for frame_id in ids]
    assert sorted(taken) == sorted(f"{fan_out.id}.{position}" for position in range(total))
    assert frame_ids(database, fan_out.id) == [f"{fan_out.id}.{n}" for n in range(total)]
    assert find(database, fan_out.id).taken == total


def test_a_turn_is_taken_once_and_the_count_is_given_back(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    take_turn(database, fan_out, lane=0, turn=0)
    with pytest.raises(TurnTaken):
        take_turn(database, fan_out, lane=0, turn=0)
    assert find(database, fan_out.id).taken == 1
    assert frame_ids(database, fan_out.id) == [f"{fan_out.id}.0"]


def test_of_messages_for_the_same_turn_one_takes_it(database: Database) -> None:
    _, fan_out = begin_fan_out(database, total=20)

    def deliver(_: int) -> bool:
        try:
            return take_turn(database, fan_out, lane=0, turn=0) is not None
        except TurnTaken:
            return False

    assert at_once(LANES, deliver).count(True) == 1
    assert find(database, fan_out.id).taken == 1


@pytest.mark.parametrize("fan_out_id", ["closed", "missing"])
def test_a_closed_or_missing_fan_out_gives_nothing(database: Database, fan_out_id: str) -> None:
    _, fan_out = begin_fan_out(database, is_open=False)
    asked = fan_out if fan_out_id == "closed" else replace(fan_out, id=fan_out_id)
    assert take_turn(database, asked, lane=0, turn=0) is None
    assert find(database, fan_out.id).taken == 0
    assert frame_ids(database, asked.id) == []


def test_stages_of_a_map_run_are_kept_one_by_one(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    with database.durable() as connection:
        assert record_stage(connection, fan_out, pre_snapshot=b"before")
        assert record_stage(connection, fan_out, results=b"results")
    expected = replace(fan_out, pre_snapshot=b"before", results=b"results")
    assert find(database, fan_out.id) == expected


@pytest.mark.parametrize("now", [{"redrive_count": 1}, {"status": FanOutStatus.ABORTED}])
def test_what_a_stage_of_an_earlier_attempt_comes_to_is_not_kept(
    database: Database, now: dict[str, Any]
) -> None:
    _, fan_out = begin_fan_out(database, **now)
    earlier = replace(fan_out, redrive_count=0)
    with database.durable() as connection:
        assert not record_stage(connection, earlier, results=b"results")
        assert not record_failure(connection, earlier, error="Error", cause="cause")
    assert find(database, fan_out.id) == fan_out


def test_the_fan_outs_of_an_execution_are_found(database: Database) -> None:
    root, fan_out = begin_fan_out(database)
    begin_fan_out(database)
    child = child_of(fan_out, 0, phase=Phase.JOINING, version=1)
    put(database, child, fan_out_of(child))
    with database.reading() as connection:
        found = fan_outs_of_execution(connection, root.execution_id)
    assert {row.id for row in found} == {fan_out.id, f"{child.id}-1"}


def test_outputs_come_back_in_order_of_position(database: Database) -> None:
    _, fan_out = begin_fan_out(database, total=12)
    for position in (11, 3, 0, 10, 2, 9, 1, 4, 8, 5, 7, 6):
        output = None if position == 4 else b"%d" % position
        put(database, child_of(fan_out, position, output=output, phase=Phase.SUCCEEDED))
    with database.reading() as connection:
        found = list(outputs(connection, fan_out.id))
    assert found == [None if n == 4 else b"%d" % n for n in range(12)]


def test_children_are_counted_by_phase(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    phases = [Phase.SUCCEEDED, Phase.FAILED, Phase.SUCCEEDED]
    put(database, *(child_of(fan_out, n, phase=phase) for n, phase in enumerate(phases)))
    with database.reading() as connection:
        counts = frames.count_by_phase(connection, fan_out.id)
    assert counts == {Phase.SUCCEEDED: 2, Phase.FAILED: 1}


def test_the_failure_of_the_lowest_position_is_the_first(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    for position in (2, 1):
        error = f"Error{position}"
        put(
            database,
            child_of(fan_out, position, phase=Phase.FAILED, error=error, cause=f"cause{position}"),
        )
    put(database, child_of(fan_out, 0, phase=Phase.SUCCEEDED))
    with database.reading() as connection:
        assert frames.first_failure(connection, fan_out.id) == ("Error1", "cause1")


def test_a_lane_is_where_its_latest_turn_is(database: Database) -> None:
    _, fan_out = begin_fan_out(database, total=4)
    rows = [
        child_of(fan_out, 0, lane=0, turn=0, phase=Phase.SUCCEEDED),
        child_of(fan_out, 1, lane=1, turn=0, phase=Phase.SUCCEEDED),
        child_of(fan_out, 2, lane=0, turn=1, phase=Phase.INVOKING),
    ]
    put(database, *rows)
    with database.reading() as connection:
        assert frames.lane_frame(connection, fan_out.id, 0) == rows[2]
        assert frames.lane_frame(connection, fan_out.id, 1) == rows[1]
        assert frames.lane_frame(connection, fan_out.id, 2) is None
        assert frames.busy_lanes(connection, fan_out.id) == {0: 1}


def test_whether_a_child_still_runs_is_known(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    put(database, child_of(fan_out, 0, phase=Phase.SUCCEEDED))
    with database.reading() as connection:
        assert not frames.is_running(connection, fan_out.id)
    put(database, child_of(fan_out, 1, phase=Phase.WAITING))
    with database.reading() as connection:
        assert frames.is_running(connection, fan_out.id)


def test_items_of_failed_children_are_counted(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    phases = [Phase.FAILED, Phase.SUCCEEDED, Phase.TIMED_OUT]
    for position, phase in enumerate(phases):
        put(database, child_of(fan_out, position, phase=phase, item_count=10 + position))
    with database.reading() as connection:
        assert frames.failed_items(connection, fan_out.id) == 22
        assert frames.failed_items(connection, "another") == 0


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (frames.is_running, "frames_running"),
        (frames.busy_lanes, "frames_running"),
        (frames.failed_items, "frames_failed"),
        (count_waiting, "frames_running"),
    ],
)
def test_children_that_have_ended_well_are_not_looked_at(
    tmp_path: Path, statement: Callable[[Connection, str], object], index: str
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
    migrate(database)
    executed: list[tuple[str, Any]] = []
    with database.reading() as connection:
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _1, _2, text, parameters, _3, _4: executed.append((text, parameters)),
        )
        statement(connection, "fan-out")
        text, parameters = executed[0]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters).all()
    database.dispose()
    assert index in str(plan)


def test_items_are_recorded_once_and_every_position_finds_its_page(database: Database) -> None:
    _, fan_out = begin_fan_out(database, is_read=False)
    stored = StoredItems(pages=[(0, b"first"), (5, b"second")], total=8, item_count=80)
    late = StoredItems(pages=[(0, b"late")], total=1)
    with database.durable() as connection:
        record_items(connection, fan_out.id, stored)
        record_items(connection, fan_out.id, late)
    row = find(database, fan_out.id)
    assert (row.is_read, row.total, row.items) == (True, 8, 80)
    with database.reading() as connection:
        pages = [find_page(connection, fan_out.id, position) for position in (0, 4, 5, 7)]
        assert find_page(connection, "another", 0) is None
    assert pages == [(0, b"first"), (0, b"first"), (5, b"second"), (5, b"second")]


def test_items_of_a_fan_out_that_is_over_are_not_recorded(database: Database) -> None:
    _, fan_out = begin_fan_out(database, is_read=False, is_open=False)
    with database.durable() as connection:
        record_items(connection, fan_out.id, StoredItems(pages=[(0, b"late")], total=1))
        assert find_page(connection, fan_out.id, 0) is None
    assert find(database, fan_out.id) == fan_out


def test_children_that_fail_at_once_are_all_counted_with_their_items(database: Database) -> None:
    _, fan_out = begin_fan_out(database, total=LANES)
    children = [child_of(fan_out, lane, lane=lane, item_count=3) for lane in range(LANES)]
    put(database, *children)
    at_once(LANES, lambda lane: commit(database, failing(children[lane])))
    assert find(database, fan_out.id).failures == 3 * LANES


def test_a_failure_that_was_overtaken_is_not_counted(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    child = child_of(fan_out, 0)
    put(database, child)
    commit(database, failing(child))
    with pytest.raises(Overtaken):
        commit(database, failing(child))
    assert find(database, fan_out.id).failures == 1


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.TIMED_OUT])
def test_no_lane_takes_an_item_after_one_has_failed(database: Database, phase: Phase) -> None:
    _, fan_out = begin_fan_out(database)
    child = take_turn(database, fan_out, lane=0, turn=0)
    assert child is not None
    commit(database, failing(child, phase=phase))
    assert take_turn(database, fan_out, lane=0, turn=1) is None
    assert take_turn(database, fan_out, lane=1, turn=0) is None


@pytest.mark.parametrize("count", [0, 1, 5])
@pytest.mark.parametrize("percentage", [0.0, 12.5, 50.0, 100.0])
@pytest.mark.parametrize("item_count", [None, 16])
def test_lanes_take_items_as_long_as_the_failures_are_tolerated(
    database: Database, count: int, percentage: float, item_count: int | None
) -> None:
    total = 8
    for failures in range(total + 1):
        _, fan_out = begin_fan_out(
            database,
            total=total,
            item_count=item_count,
            failures=failures,
            tolerated_count=count,
            tolerated_percentage=percentage,
        )
        exceeded = exceeds_tolerance(failures, fan_out.items, count=count, percentage=percentage)
        assert (take_turn(database, fan_out, lane=0, turn=0) is None) == exceeded, failures
