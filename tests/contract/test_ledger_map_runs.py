"""What every ledger promises about map runs, and about limits that change while they run."""

from dataclasses import replace

from pipeline.interpreter.frame import Phase
from pipeline.ledger import frames, history
from pipeline.ledger.database import Database
from pipeline.ledger.fan_outs import take
from pipeline.ledger.map_runs import (
    Children,
    change_limits,
    count_children,
    count_too_long,
    find_map_run,
    map_runs_of,
)
from pipeline.ledger.rows import FanOutRow
from tests.contract.ledgers import (
    NOW,
    batch_of,
    begin_fan_out,
    child_of,
    database,
    fan_out_of,
    moved,
    put,
)

__all__ = ["database"]  # a fixture


def arn(name: str) -> str:
    return f"arn:aws:states:eu-west-1:123456789012:mapRun:machine/Map:{name}"


def is_taken(database: Database, run: FanOutRow, lane: int) -> bool:
    blank = replace(child_of(run, 0), id="", position=None, lane=lane, claimed_by="worker")
    return take(database, blank, group_id=None, own_history=True) is not None


def test_a_map_run_is_found_by_its_arn(database: Database) -> None:
    _, run = begin_fan_out(database, arn=arn("one"), max_concurrency=7)
    with database.durable() as connection:
        assert find_map_run(connection, arn("one"), locked=True) == run
        assert find_map_run(connection, arn("two")) is None


def test_the_map_runs_of_an_execution_are_listed_newest_first(database: Database) -> None:
    root, oldest = begin_fan_out(database, arn=arn("oldest"), started_at=NOW)
    later = [
        fan_out_of(
            replace(root, version=number), arn=arn(f"later-{number}"), started_at=NOW + number
        )
        for number in (1, 2)
    ]
    inner = fan_out_of(replace(root, version=3), arn=arn("inner"), history_id="child")
    put(database, *later, inner, fan_out_of(replace(root, version=4)))
    with database.reading() as connection:
        first = map_runs_of(connection, root.id, root.id, after=None, limit=2)
        last = [-first[-1].started_at, first[-1].arn or ""]
        rest = map_runs_of(connection, root.id, root.id, after=last, limit=2)
        nested = map_runs_of(connection, root.id, "child", after=None, limit=2)
    assert (first, rest, nested) == ([later[1], later[0]], [oldest], [inner])


def test_children_are_counted_by_phase_with_their_items(database: Database) -> None:
    _, run = begin_fan_out(database, arn=arn("counted"))
    phases = [Phase.SUCCEEDED, Phase.SUCCEEDED, Phase.OFFERED]
    put(
        database,
        *(
            child_of(run, position, phase=phase, item_count=position + 1)
            for position, phase in enumerate(phases)
        ),
        child_of(run, 3, phase=Phase.READY, lane=None),
        child_of(run, 4, phase=Phase.ABORTED, lane=None),
    )
    with database.reading() as connection:
        assert count_children(connection, run.id) == {
            Phase.SUCCEEDED: Children(executions=2, items=3),
            Phase.OFFERED: Children(executions=1, items=3),
            Phase.ABORTED: Children(executions=1, items=1),
            None: Children(executions=1, items=1),
        }


def test_children_without_room_for_a_redrive_are_counted(database: Database) -> None:
    _, run = begin_fan_out(database, total=5, arn=arn("long"))
    phases = [Phase.FAILED, Phase.ABORTED, Phase.SUCCEEDED, Phase.TIMED_OUT, Phase.FAILED]
    children = [
        child_of(run, position, phase=phase, item_count=3, history_id=f"{run.id}.{position}")
        for position, phase in enumerate(phases)
    ]
    put(database, *children)
    batches = [replace(batch_of(child), length=5) for child in children[:4]]
    with database.durable() as connection:
        history.append(connection, [*batches, *batches[:3]])
        counted = count_too_long(connection, run.id, 10)
        assert counted == Children(executions=2, items=6)
        assert count_too_long(connection, run.id, 11) == Children(executions=0, items=0)


def test_a_lane_beyond_the_width_takes_nothing_until_there_is_room(database: Database) -> None:
    _, run = begin_fan_out(database, arn=arn("wide"))
    with database.durable() as connection:
        change_limits(connection, replace(run, width=1, max_concurrency=1))
    assert not is_taken(database, run, lane=1)
    assert is_taken(database, run, lane=0)
    with database.durable() as connection:
        change_limits(connection, replace(run, width=5, max_concurrency=5))
    assert is_taken(database, run, lane=4)


def test_changed_limits_are_read_back(database: Database) -> None:
    _, run = begin_fan_out(database, arn=arn("changed"))
    changed = replace(run, max_concurrency=9, width=9, tolerated_count=2, tolerated_percentage=12.5)
    with database.durable() as connection:
        change_limits(connection, changed)
        assert find_map_run(connection, arn("changed")) == changed


def test_a_heartbeat_and_an_offer_leave_the_count_of_items(database: Database) -> None:
    _, run = begin_fan_out(database, arn=arn("kept"))
    child = child_of(run, 0, item_count=4)
    put(database, child)
    with database.durable() as connection:
        assert frames.hear(connection, child.id, 0, NOW, None)
        offered = moved(child, phase=Phase.OFFERED, activity_arn="a", offered_at=NOW)
        assert frames.move(connection, offered, claimed_by=None, any_claim=False)
        assert count_children(connection, run.id) == {
            Phase.OFFERED: Children(executions=1, items=4)
        }
