"""Two processes on one ledger that act on the same state machine at the same time."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select

from config.settings import Settings
from pipeline.engine.engine import Engine
from pipeline.engine.opening import open_engine
from pipeline.executions.activities import MAX_ACTIVITIES, ActivityLimitExceeded, create_activity
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.ledger.activities import ActivityRow
from pipeline.ledger.machine_schema import state_machines
from pipeline.ledger.schema import activities
from pipeline.state_machines.aliases import create_alias
from pipeline.state_machines.errors import (
    ReferenceNotFound,
    StateMachineAlreadyExists,
    StateMachineDoesNotExist,
    StateMachineLimitExceeded,
    VersionIsReferenced,
)
from pipeline.state_machines.machines import (
    MAX_STATE_MACHINES,
    create_state_machine,
    delete_state_machine,
    find_state_machine,
    update_state_machine,
)
from pipeline.state_machines.tags import tag_resource, tags_of
from pipeline.state_machines.versions import delete_version, list_versions, publish_version
from tasks.celery import create_app
from tests.contract.ledgers import at_once, database_url
from tests.machines import only

__all__ = ["database_url"]  # a fixture

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:Review"
THREADS = 6


@pytest.fixture
def engines(database_url: str, tmp_path: Path) -> Iterator[list[Engine]]:
    """Two engines with connections of their own."""
    app = create_app(Settings(data_dir=tmp_path / "data", ledger_url=database_url))
    made = [open_engine(app.settings, app) for _ in range(2)]
    yield made
    for engine in made:
        engine.database.dispose()


def giving(result: object) -> str:
    return json.dumps(only({"Type": "Pass", "Result": result, "End": True}, "Give"))


def fill(engine: Engine, table: Table, arn: str, count: int) -> None:
    """Write so many rows like that of an ARN."""
    with engine.database.durable() as connection:
        row = connection.execute(select(table).where(table.c.arn == arn)).one()._asdict()
        copies = [row | {"arn": f"{arn}-{number}"} for number in range(count)]
        connection.execute(insert(table), copies)


def outcomes(engines: list[Engine], act: Callable[[Engine, int], Any]) -> list[Any]:
    """What each thread got, or the refusal that it met."""

    def attempt(number: int) -> Any:
        try:
            return act(engines[number % len(engines)], number)
        except RejectedRequest as refusal:
            return refusal

    return at_once(THREADS, attempt)


def test_the_same_machine_is_created_once_and_found_by_all(engines: list[Engine]) -> None:
    made = outcomes(
        engines,
        lambda engine, _: create_state_machine(
            engine, name="Review", definition=giving(1), publish=True, description="first"
        ),
    )
    assert made == [find_state_machine(engines[0], ARN)] * THREADS
    assert [version.number for version in list_versions(engines[1], ARN)] == [1]


def test_one_of_different_machines_gets_the_name(engines: list[Engine]) -> None:
    made = outcomes(
        engines,
        lambda engine, number: create_state_machine(
            engine, name="Review", definition=giving(number)
        ),
    )
    refused = [outcome for outcome in made if isinstance(outcome, StateMachineAlreadyExists)]
    assert len(refused) == THREADS - 1
    (winner,) = [outcome for outcome in made if outcome not in refused]
    assert find_state_machine(engines[0], ARN) == winner


def test_of_creations_at_the_quota_no_more_succeed_than_there_is_room_for(
    engines: list[Engine],
) -> None:
    machine = create_state_machine(engines[0], name="Review", definition=giving(1))
    fill(engines[0], state_machines, machine.arn, MAX_STATE_MACHINES - 3)
    made = outcomes(
        engines,
        lambda engine, number: create_state_machine(
            engine, name=f"Review{number}", definition=giving(1)
        ),
    )
    refused = [outcome for outcome in made if isinstance(outcome, StateMachineLimitExceeded)]
    assert len(refused) == THREADS - 2


def test_of_activities_at_the_quota_no_more_are_created_than_there_is_room_for(
    engines: list[Engine],
) -> None:
    def create(engine: Engine, name: str) -> ActivityRow:
        return create_activity(engine, name=name, region="us-east-1", account_id="000000000000")

    fill(engines[0], activities, create(engines[0], "paint").arn, MAX_ACTIVITIES - 3)
    made = outcomes(engines, lambda engine, number: create(engine, f"paint{number}"))
    refused = [outcome for outcome in made if isinstance(outcome, ActivityLimitExceeded)]
    assert len(refused) == THREADS - 2


def test_each_update_publishes_a_version_of_its_own(engines: list[Engine]) -> None:
    create_state_machine(engines[0], name="Review", definition=giving("first"))
    outcomes(
        engines,
        lambda engine, number: update_state_machine(
            engine, ARN, definition=giving(number), publish=True
        ),
    )
    versions = list_versions(engines[0], ARN)
    assert [version.number for version in versions] == list(range(THREADS, 0, -1))
    assert len({version.revision.definition_id for version in versions}) == THREADS


def test_a_revision_is_published_once(engines: list[Engine]) -> None:
    create_state_machine(engines[0], name="Review", definition=giving(1))
    made = outcomes(engines, lambda engine, _: publish_version(engine, ARN))
    assert {version.arn for version in made} == {f"{ARN}:1"}


def test_no_alias_routes_to_a_version_that_was_deleted(engines: list[Engine]) -> None:
    create_state_machine(engines[0], name="Review", definition=giving(1), publish=True)

    def act(engine: Engine, number: int) -> Any:
        if number % 2:
            return delete_version(engine, ARN, f"{ARN}:1")
        return create_alias(engine, name=f"live{number}", routing=[(f"{ARN}:1", 100)])

    refusals = [made for made in outcomes(engines, act) if isinstance(made, RejectedRequest)]
    assert {type(refusal) for refusal in refusals} in ({ReferenceNotFound}, {VersionIsReferenced})
    is_there = [version.number for version in list_versions(engines[0], ARN)] == [1]
    assert is_there is isinstance(refusals[0], VersionIsReferenced)


def test_tags_stay_below_their_number(engines: list[Engine]) -> None:
    create_state_machine(engines[0], name="Review", definition=giving(1))
    outcomes(
        engines,
        lambda engine, number: tag_resource(
            engine, ARN, {f"{number}/{count}": "" for count in range(20)}
        ),
    )
    assert len(tags_of(engines[0], ARN)) == 40


def test_creating_and_deleting_leave_all_or_nothing(engines: list[Engine]) -> None:
    def act(engine: Engine, number: int) -> Any:
        if number % 2:
            return delete_state_machine(engine, ARN)
        return create_state_machine(engine, name="Review", definition=giving(1), publish=True)

    outcomes(engines, act)
    versions = [version.number for version in list_versions(engines[0], ARN)]
    try:
        find_state_machine(engines[0], ARN)
    except StateMachineDoesNotExist:
        assert versions == []
    else:
        assert versions == [1]
