"""The quotas of an account over the endpoint, by boto3.

What fills them is written to the ledger: ten thousand requests would take minutes.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Table, insert, select

from pipeline.api.actions.table import ACTIONS
from pipeline.engine import activity_polls
from pipeline.engine.open_executions import OpenExecutions
from pipeline.executions.activities import MAX_ACTIVITIES
from pipeline.ledger.machine_schema import aliases, state_machines, versions
from pipeline.ledger.schema import activities
from pipeline.state_machines.aliases import MAX_ALIASES
from pipeline.state_machines.machines import MAX_STATE_MACHINES
from pipeline.state_machines.versions import MAX_VERSIONS
from tests.api_server import Api
from tests.clocks import SkippingClock
from tests.integration.api.endpoints import endpoint
from tests.integration.api.executions import start
from tests.integration.api.machines import (
    WAITING,
    create,
    giving,
    new_name,
    refused,
    routes,
    two_versions,
)

_accounts = itertools.count(100_000_000_000)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An endpoint without a worker."""
    with endpoint(tmp_path_factory.mktemp("api"), ACTIONS) as api:
        yield api


@pytest.fixture
def account_id() -> str:
    """An account that has nothing yet."""
    return str(next(_accounts))


@pytest.fixture
def client(api: Api, account_id: str) -> Any:
    return api.client("stepfunctions", account_id=account_id)


def multiply(api: Api, table: Table, arn: str, count: int, **differing: Any) -> None:
    """Write so many rows like that of an ARN.

    Args:
        api: Whose ledger gets them.
        table: The table.
        arn: Of the row that is there.
        count: How many more are wanted.
        differing: Columns of which each row has a value of its own, with what makes it.
    """
    with api.engine.database.durable() as connection:
        row = connection.execute(select(table).where(table.c.arn == arn)).one()._asdict()
        copies = [
            row | {"arn": f"{arn}-{number}"} | {name: of(number) for name, of in differing.items()}
            for number in range(2, count + 2)
        ]
        connection.execute(insert(table), copies)


def test_an_account_has_at_most_ten_thousand_state_machines_in_a_region(
    api: Api, client: Any, account_id: str
) -> None:
    name = new_name()
    arn = create(client, name=name)["stateMachineArn"]
    multiply(api, state_machines, arn, MAX_STATE_MACHINES - 2)
    create(client)
    over = new_name()
    message = "The maximum number of state machines has been reached: 10000"
    with refused("StateMachineLimitExceeded", message):
        create(client, name=over)
    with refused("StateMachineDoesNotExist"):
        client.describe_state_machine(stateMachineArn=arn.replace(name, over))
    assert create(client, name=name)["stateMachineArn"] == arn
    create(api.client("stepfunctions", account_id=account_id, region="eu-west-1"))
    client.delete_state_machine(stateMachineArn=arn)
    create(client, name=over)


def test_an_account_has_at_most_ten_thousand_activities_in_a_region(
    api: Api, client: Any, account_id: str
) -> None:
    name = new_name()
    arn = client.create_activity(name=name)["activityArn"]
    multiply(api, activities, arn, MAX_ACTIVITIES - 2)
    client.create_activity(name=new_name())
    message = "The maximum number of activities has been reached: 10000"
    with refused("ActivityLimitExceeded", message):
        client.create_activity(name=new_name())
    assert client.create_activity(name=name)["activityArn"] == arn
    elsewhere = api.client("stepfunctions", account_id=account_id, region="eu-west-1")
    elsewhere.create_activity(name=name)
    client.delete_activity(activityArn=arn)
    client.create_activity(name=new_name())


def test_a_state_machine_has_at_most_a_thousand_versions(api: Api, client: Any) -> None:
    arn = create(client, publish=True)["stateMachineArn"]
    multiply(
        api,
        versions,
        f"{arn}:1",
        MAX_VERSIONS - 1,
        number=lambda number: MAX_VERSIONS + number,
        revision_id=lambda number: f"{arn}-{number}",
    )
    published = client.publish_state_machine_version(stateMachineArn=arn)
    assert published["stateMachineVersionArn"] == f"{arn}:1"
    message = "The maximum number of versions per state machine has been reached: 1000"
    with refused("ServiceQuotaExceededException", message):
        client.update_state_machine(stateMachineArn=arn, definition=giving(2), publish=True)
    client.update_state_machine(stateMachineArn=arn, definition=giving(2))
    with refused("ServiceQuotaExceededException", message):
        client.publish_state_machine_version(stateMachineArn=arn)
    client.delete_state_machine_version(stateMachineVersionArn=f"{arn}:1")
    client.publish_state_machine_version(stateMachineArn=arn)


def test_a_state_machine_has_at_most_a_hundred_aliases(api: Api, client: Any) -> None:
    arn = two_versions(client)

    def alias(name: str) -> str:
        routing = routes((f"{arn}:1", 100))
        made = client.create_state_machine_alias(name=name, routingConfiguration=routing)
        return str(made["stateMachineAliasArn"])

    first = alias("first")
    multiply(api, aliases, first, MAX_ALIASES - 2)
    alias("last")
    message = "The maximum number of aliases per state machine has been reached: 100"
    with refused("ServiceQuotaExceededException", message):
        alias("over")
    assert alias("first") == first
    client.delete_state_machine_alias(stateMachineAliasArn=first)
    alias("over")


def test_an_account_has_so_many_open_executions_in_a_region_and_no_more(
    api: Api, client: Any, account_id: str
) -> None:
    clock, engine = SkippingClock(), api.engine
    engine.open_executions = OpenExecutions(engine.database, clock, most=2)
    arn = create(client, definition=WAITING)["stateMachineArn"]
    first, _ = start(client, arn, name="first"), start(client, arn)
    message = "The maximum number of running executions has been reached: 2"
    with refused("ExecutionLimitExceeded", message):
        start(client, arn)
    assert start(client, arn, name="first") == first
    with refused("ExecutionAlreadyExists"):
        start(client, arn, {"another": "input"}, name="first")
    other = api.client("stepfunctions", account_id=account_id, region="eu-west-1")
    start(other, create(other, definition=WAITING)["stateMachineArn"])
    client.stop_execution(executionArn=first)
    clock.skipped += 1
    start(client, arn)
    with refused("ExecutionLimitExceeded", message):
        client.redrive_execution(executionArn=first)


def test_a_worker_more_than_may_poll_for_an_activity_is_refused(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = client.create_activity(name=new_name())["activityArn"]
    monkeypatch.setattr(activity_polls, "MAX_POLLS", 0)
    with refused("ActivityWorkerLimitExceeded", "The maximum number of workers concurrently"):
        client.get_activity_task(activityArn=arn)
