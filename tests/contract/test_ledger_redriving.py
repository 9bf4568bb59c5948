"""What every ledger promises about executions that end, and go on or are forgotten."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, select

from pipeline.interpreter.frame import Phase
from pipeline.ledger import executions, fan_outs, log_deliveries, redriving
from pipeline.ledger.database import Database
from pipeline.ledger.fan_outs import TurnTaken, find_fan_out
from pipeline.ledger.migrations import migrate
from pipeline.ledger.nested_executions import is_still_awaited, to_look_at
from pipeline.ledger.rows import (
    LANES_OF_AN_ATTEMPT,
    ExecutionEnd,
    ExecutionRow,
    ExecutionStatus,
    FanOutRow,
    FanOutStatus,
    FrameRow,
)
from pipeline.ledger.schema import metadata, redrives
from pipeline.ledger.transition import Overtaken, commit
from tests.contract.ledgers import (
    NOW,
    at_once,
    begin,
    begin_fan_out,
    child_of,
    database,
    frame,
    moved,
    new_execution,
    put,
    succeeded,
    transition_to,
)

__all__ = ["database"]  # a fixture


def waiting(database: Database, count: int) -> tuple[str, list[FrameRow]]:
    """A fan-out with children that wait for a lane to begin them again."""
    _, fan_out = begin_fan_out(database, count)
    children = [
        child_of(fan_out, position, lane=None, turn=None, phase=Phase.RETRYING, body=b"body")
        for position in range(count)
    ]
    put(database, *children)
    return fan_out.id, children


def take(database: Database, fan_out_id: str, lane: int, turn: int = 0) -> FrameRow | None:
    return redriving.take_waiting(
        database, fan_out_id, lane=lane, turn=turn, worker_id="worker", look_at=NOW
    )


def test_lanes_that_take_at_once_take_each_child_once(database: Database) -> None:
    fan_out_id, children = waiting(database, 4)
    taken = at_once(6, lambda lane: take(database, fan_out_id, lane))
    assert sorted(row.id for row in taken if row) == [child.id for child in children]
    assert taken.count(None) == 2
    assert {row.claimed_by for row in taken if row} == {"worker"}


def test_a_turn_is_taken_once(database: Database) -> None:
    fan_out_id, children = waiting(database, 2)
    assert take(database, fan_out_id, 7) is not None
    with pytest.raises(TurnTaken):
        take(database, fan_out_id, 7)
    assert frame(database, children[1].id).lane is None
    with database.reading() as connection:
        assert redriving.count_waiting(connection, fan_out_id) == 1


def test_a_child_that_waits_for_its_own_children_is_not_claimed(database: Database) -> None:
    _, fan_out = begin_fan_out(database, 1)
    put(database, child_of(fan_out, 0, lane=None, turn=None, phase=Phase.JOINING, body=b"body"))
    taken = take(database, fan_out.id, 7)
    assert taken is not None
    assert (taken.claimed_by, taken.wake_at) == (None, NOW)


def test_a_child_that_a_worker_holds_is_not_taken(database: Database) -> None:
    _, fan_out = begin_fan_out(database, 2)
    held, free = (
        child_of(fan_out, position, lane=None, turn=None, phase=Phase.RETRYING, body=b"body")
        for position in range(2)
    )
    put(database, replace(held, claimed_by="another worker"), free)
    taken = take(database, fan_out.id, 7)
    assert taken is not None
    assert taken.id == free.id
    assert take(database, fan_out.id, 8) is None
    assert frame(database, held.id).claimed_by == "another worker"


def test_nothing_is_taken_from_a_fan_out_that_is_over(database: Database) -> None:
    _, fan_out = begin_fan_out(database, 1, is_open=False)
    put(database, child_of(fan_out, 0, lane=None, turn=None, phase=Phase.RETRYING))
    assert take(database, fan_out.id, 7) is None


def test_lanes_of_earlier_attempts_take_nothing(database: Database) -> None:
    _, fan_out = begin_fan_out(database, 3, taken=1, redrive_count=2)
    waits = child_of(fan_out, 0, lane=None, turn=None, phase=Phase.RETRYING, body=b"body")
    put(database, waits)
    assert take(database, fan_out.id, LANES_OF_AN_ATTEMPT) is None
    assert take_new(database, fan_out, 0) is None
    assert take_new(database, fan_out, LANES_OF_AN_ATTEMPT) is None
    assert take(database, fan_out.id, fan_out.first_lane) is not None
    assert take_new(database, fan_out, fan_out.first_lane + 1) is not None


def test_a_changed_width_is_that_of_the_latest_attempt(database: Database) -> None:
    _, fan_out = begin_fan_out(database, 4, taken=2, redrive_count=1, width=1)
    put(
        database,
        *(child_of(fan_out, n, lane=None, turn=None, phase=Phase.RETRYING) for n in range(2)),
    )
    first = fan_out.first_lane
    assert take(database, fan_out.id, first + 1) is None
    assert take_new(database, fan_out, first + 1) is None
    assert take(database, fan_out.id, first) is not None
    assert take_new(database, fan_out, first, turn=1) is not None


def take_new(database: Database, fan_out: FanOutRow, lane: int, turn: int = 0) -> FrameRow | None:
    """Let a lane take a child that no attempt has begun."""
    blank = replace(child_of(fan_out, 0), id="", position=None, lane=lane, turn=turn)
    return fan_outs.take(database, blank, group_id=None, own_history=True)


def test_a_transition_of_an_earlier_attempt_does_not_move_a_frame(database: Database) -> None:
    root = begin(database, phase=Phase.JOINING, redrive_count=0)
    with database.durable() as connection:
        redriving.revive(connection, replace(root, redrive_count=1))
    with pytest.raises(Overtaken):
        commit(database, transition_to(moved(root, phase=Phase.FAILED)))
    commit(database, transition_to(moved(root, phase=Phase.FAILED, redrive_count=1)))


def test_a_fan_out_that_may_not_run_again_fails_its_state(database: Database) -> None:
    _, fan_out = begin_fan_out(
        database, is_open=False, status=FanOutStatus.FAILED, redrive_count=3, stopped_at=NOW
    )
    with database.durable() as connection:
        redriving.reopen_as_failed(
            connection, fan_out.id, seat=b"none", error="Error", cause="cause"
        )
        found = find_fan_out(connection, fan_out.id)
    assert found is not None
    assert (found.is_open, found.status, found.stopped_at) == (True, FanOutStatus.RUNNING, None)
    assert (found.error, found.cause, found.redrive_count) == ("Error", "cause", 3)


def test_the_next_child_is_found_without_a_look_at_all_that_wait(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
    migrate(database)
    executed: list[tuple[str, Any]] = []

    def note(_1: object, _2: object, text: str, parameters: Any, _3: object, _4: object) -> None:
        executed.append((text, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    take(database, "fan-out", 7)
    event.remove(Engine, "before_cursor_execute", note)
    [(text, parameters)] = [found for found in executed if found[0].startswith("UPDATE")]
    with database.reading() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters).all())
    database.dispose()
    assert "frames_waiting" in plan
    assert "TEMP B-TREE" not in plan


def test_unsuccessful_children_are_found_in_order(database: Database) -> None:
    _, fan_out = begin_fan_out(database, 4)
    phases = [Phase.FAILED, Phase.SUCCEEDED, Phase.ABORTED, Phase.TIMED_OUT]
    put(database, *(child_of(fan_out, number, phase=phase) for number, phase in enumerate(phases)))
    with database.durable() as connection:
        found = redriving.unsuccessful_children(connection, fan_out.id)
        assert [row.position for row in found] == [0, 2, 3]
        assert redriving.has_unsuccessful_children(connection, fan_out.id)


def test_a_fan_out_runs_again_without_what_its_end_has_left(database: Database) -> None:
    _, fan_out = begin_fan_out(
        database, is_open=False, status=FanOutStatus.FAILED, error="Error", failures=3, width=2
    )
    with database.durable() as connection:
        redriving.reopen(connection, fan_out.id, at=NOW, seat=b"none", failures=2)
        found = find_fan_out(connection, fan_out.id)
    assert found is not None
    assert found.is_open
    assert (found.status, found.error, found.failures) == (FanOutStatus.RUNNING, None, 2)
    assert (found.redrive_count, found.redriven_at, found.seat) == (1, NOW, b"none")
    assert found.width is None


def test_an_execution_runs_again_once(database: Database) -> None:
    execution = replace(new_execution(), status=ExecutionStatus.FAILED, error="Error")
    begin(database, execution)

    def resume(number: int) -> bool:
        with database.durable() as connection:
            return redriving.resume_execution(
                connection, execution, at=NOW, deadline_at=NOW + 9, client_token=str(number)
            )

    resumed = at_once(4, resume)
    assert sorted(resumed) == [False, False, False, True]
    with database.reading() as connection:
        found = executions.find_execution(connection, execution.id)
        token = str(resumed.index(True))
        assert redriving.token_used_at(connection, execution.id, token, since=NOW) == NOW
        assert redriving.token_used_at(connection, execution.id, token, since=NOW + 1) is None
        assert redriving.token_used_at(connection, execution.id, "other", since=NOW) is None
    assert found is not None
    assert (found.status, found.error, found.redrive_count) == (ExecutionStatus.RUNNING, None, 1)
    assert (found.redriven_at, found.deadline_at) == (NOW, NOW + 9)


def test_the_ten_latest_tokens_are_known(database: Database) -> None:
    execution = replace(new_execution(), status=ExecutionStatus.FAILED)
    begin(database, execution)
    for number in range(11):
        row = replace(execution, redrive_count=number)
        with database.durable() as connection:
            assert redriving.resume_execution(
                connection, row, at=NOW + number, deadline_at=None, client_token=str(number)
            )
            fail(connection, execution)
    with database.reading() as connection:
        used = [
            redriving.token_used_at(connection, execution.id, str(number), since=NOW)
            for number in range(11)
        ]
    assert used == [None, *(NOW + number for number in range(1, 11))]


def test_tokens_that_are_void_are_not_kept(database: Database) -> None:
    execution = replace(new_execution(), status=ExecutionStatus.FAILED)
    begin(database, execution)
    later = NOW + redriving.TOKEN_SECONDS + 1
    with database.durable() as connection:
        for number, at in enumerate((NOW, later)):
            row = replace(execution, redrive_count=number)
            assert redriving.resume_execution(
                connection, row, at=at, deadline_at=None, client_token=str(number)
            )
            fail(connection, execution)
        assert list(connection.scalars(select(redrives.c.client_token))) == ["1"]


def fail(connection: Connection, execution: ExecutionRow) -> None:
    """End an execution that was redriven."""
    end = ExecutionEnd(status=ExecutionStatus.FAILED, stopped_at=NOW)
    executions.end_execution(connection, execution.id, end)


def test_whoever_started_an_execution_waits_for_a_redriven_one_only_if_it_still_does(
    database: Database,
) -> None:
    caller = begin(database, phase=Phase.INVOKING)
    nested = replace(
        new_execution(),
        status=ExecutionStatus.FAILED,
        caller_frame_id=caller.id,
        caller_version=caller.version,
        is_awaited=True,
        look_at=NOW,
    )
    begin(database, nested)
    commit(database, transition_to(moved(caller, phase=Phase.SUBMITTED)))
    with database.durable() as connection:
        assert is_still_awaited(connection, nested)
    gone_on = moved(moved(caller), phase=Phase.SUCCEEDED)
    commit(database, transition_to(gone_on, ends=succeeded()))
    with database.durable() as connection:
        assert not is_still_awaited(connection, nested)
        redriving.resume_execution(
            connection, nested, at=NOW, deadline_at=None, client_token=None, is_awaited=False
        )
        found = executions.find_execution(connection, nested.id)
        assert to_look_at(connection, NOW, 9) == []
    assert found is not None
    assert not found.is_awaited


def test_an_execution_that_ended_long_ago_is_forgotten_with_all_it_has_left(
    database: Database,
) -> None:
    execution = new_execution()
    root = begin(database, execution)
    kept = begin(database)
    with database.durable() as connection:
        log_deliveries.begin(connection, root.history_id, execution.id)
    ended = moved(root, phase=Phase.SUCCEEDED)
    commit(database, transition_to(ended, ends=succeeded(stopped_at=NOW, is_announced=True)))
    with database.durable() as connection:
        assert not executions.forget_ended(connection, execution.id, NOW)
        assert not executions.forget_ended(connection, kept.execution_id, NOW + 1)
        assert executions.forget_ended(connection, execution.id, NOW + 1)
    with database.reading() as connection:
        for name, table in metadata.tables.items():
            if "execution_id" in table.c:
                statement = select(func.count()).where(table.c.execution_id == execution.id)
                assert connection.scalar(statement) == 0, name
        assert executions.find_execution(connection, execution.id) is None
        assert executions.find_execution(connection, kept.execution_id) is not None


def test_executions_are_listed_page_by_page_newest_first(database: Database) -> None:
    for number in range(5):
        # Two of them have started at the same moment.
        begin(database, new_execution(id=f"e{number}", started_at=NOW + number // 2))
    begin(database, new_execution(machine_arn="another"))
    machine_arn, before, listed = new_execution().machine_arn, None, []
    with database.reading() as connection:
        while page := executions.executions_of(
            connection, machine_arn=machine_arn, before=before, limit=2
        ):
            listed += [row.id for row in page]
            before = page[-1].listed_at, page[-1].id
    assert listed == ["e4", "e3", "e2", "e1", "e0"]
