"""What every ledger promises about activities and the tasks that are offered to their workers."""

from dataclasses import replace

from pipeline.interpreter.frame import Phase
from pipeline.ledger import activities, frames
from pipeline.ledger.aborting import abort_execution
from pipeline.ledger.activities import ActivityRow
from pipeline.ledger.database import Database
from pipeline.ledger.transition import Overtaken, commit
from tests.contract.ledgers import (
    NOW,
    at_once,
    begin,
    database,
    moved,
    transition_to,
)

__all__ = ["database"]  # a fixture

ACCOUNT, REGION = "123456789012", "eu-west-1"


def activity(name: str, **values: object) -> ActivityRow:
    row = ActivityRow(
        arn=f"arn:aws:states:{REGION}:{ACCOUNT}:activity:{name}",
        name=name,
        region=REGION,
        account_id=ACCOUNT,
        encryption_configuration={"type": "AWS_OWNED_KEY"},
        created_at=NOW,
    )
    return replace(row, **values)  # type: ignore[arg-type]


PAINT = activity("paint").arn


def oldest(database: Database, arn: str = PAINT) -> str | None:
    with database.reading() as connection:
        row = frames.oldest_offer(connection, arn)
    return None if row is None else row.id


def test_of_several_creations_of_an_activity_one_writes(database: Database) -> None:
    def insert(_: int) -> bool:
        with database.durable() as connection:
            return activities.insert_activity(connection, activity("paint"))

    assert sorted(at_once(4, insert)) == [False, False, False, True]
    with database.reading() as connection:
        assert activities.find_activity(connection, PAINT) == activity("paint")


def test_activities_are_listed_page_by_page_for_their_owner(database: Database) -> None:
    mine = [activity(name, created_at=NOW + age) for age, name in enumerate("abcd")]
    foreign = activity("e", arn="other", account_id="999999999999")
    elsewhere = activity("f", arn="elsewhere", region="us-east-1")
    with database.durable() as connection:
        for row in [*reversed(mine), foreign, elsewhere]:
            assert activities.insert_activity(connection, row)
        first = activities.list_activities(connection, ACCOUNT, REGION, after=None, limit=3)
        last = [first[-1].created_at, first[-1].arn]
        rest = activities.list_activities(connection, ACCOUNT, REGION, after=last, limit=3)
    assert (first, rest) == (mine[:3], mine[3:])


def test_a_deleted_activity_is_not_found(database: Database) -> None:
    with database.durable() as connection:
        activities.insert_activity(connection, activity("paint"))
        activities.delete_activity(connection, PAINT)
        assert activities.find_activity(connection, PAINT) is None


def test_the_task_that_was_offered_first_comes_first(database: Database) -> None:
    late = begin(database, phase=Phase.OFFERED, activity_arn=PAINT, offered_at=NOW + 1)
    early = begin(database, phase=Phase.OFFERED, activity_arn=PAINT, offered_at=NOW)
    begin(database, phase=Phase.OFFERED, activity_arn="another", offered_at=NOW - 1)
    assert oldest(database) == early.id
    commit(database, transition_to(moved(early, activity_arn=None, phase=Phase.SUBMITTED)))
    assert oldest(database) == late.id


def test_of_workers_that_take_the_same_task_one_gets_it(database: Database) -> None:
    offered = begin(database, phase=Phase.OFFERED, activity_arn=PAINT, offered_at=NOW)

    def take(number: int) -> bool:
        taken = moved(offered, activity_arn=None, phase=Phase.SUBMITTED, body=bytes([number]))
        try:
            commit(database, transition_to(taken))
        except Overtaken:
            return False
        return True

    assert sorted(at_once(4, take)) == [False, False, False, True]


def test_an_aborted_frame_offers_nothing(database: Database) -> None:
    offered = begin(database, phase=Phase.OFFERED, activity_arn=PAINT, offered_at=NOW)
    with database.durable() as connection:
        abort_execution(connection, offered.execution_id, NOW)
    assert oldest(database) is None
