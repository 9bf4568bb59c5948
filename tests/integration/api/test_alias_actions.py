"""Weighted aliases over the endpoint, by boto3."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.api.actions.executions import start_execution
from pipeline.api.actions.table import ACTIONS
from pipeline.api.call import Call
from tests.api_server import ACCOUNT, REGION, Api
from tests.integration.api.endpoints import endpoint
from tests.integration.api.machines import (
    UNKNOWN,
    create,
    refused,
    routes,
    two_versions,
)

STARTS = 2000
LEAST, MOST = 132, 275
"""Starts that the version with 10 per cent gets at least and at most.

They have the binomial distribution of 2,000 draws at 0.1. Summed up exactly, fewer than 132 come
with a chance of 3.3e-8, and more than 275 with one of 4.1e-8: once in 13 million runs this fails.
"""


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


def create_live(client: Any, arn: str, **given: Any) -> Any:
    made = {"name": "live", "routingConfiguration": routes((f"{arn}:1", 90), (f"{arn}:2", 10))}
    return client.create_state_machine_alias(**(made | given))


def test_an_alias_is_described_as_it_was_created(client: Any) -> None:
    arn = two_versions(client)
    created = create_live(client, arn, description="the canary")
    assert created["stateMachineAliasArn"] == f"{arn}:live"
    described = client.describe_state_machine_alias(stateMachineAliasArn=f"{arn}:live")
    described.pop("ResponseMetadata")
    assert described == {
        "stateMachineAliasArn": f"{arn}:live",
        "name": "live",
        "description": "the canary",
        "routingConfiguration": routes((f"{arn}:1", 90), (f"{arn}:2", 10)),
        "creationDate": created["creationDate"],
        "updateDate": created["creationDate"],
    }


def test_creating_again_finds_the_alias_and_never_another(client: Any) -> None:
    arn = two_versions(client)
    created, again = create_live(client, arn), create_live(client, arn)
    assert again["creationDate"] == created["creationDate"]
    message = "Failed to create alias because an alias with the same name and a different"
    with refused("ConflictException", message):
        create_live(client, arn, routingConfiguration=routes((f"{arn}:2", 100)))
    with refused("ConflictException", message):
        create_live(client, arn, description="another")


def test_an_update_changes_what_is_given(client: Any) -> None:
    arn = two_versions(client)
    alias = create_live(client, arn, description="the canary")["stateMachineAliasArn"]
    client.update_state_machine_alias(
        stateMachineAliasArn=alias, routingConfiguration=routes((f"{arn}:1", 100))
    )
    updated = client.update_state_machine_alias(
        stateMachineAliasArn=alias, description="rolled back"
    )
    described = client.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert described["routingConfiguration"] == routes((f"{arn}:1", 100))
    assert described["description"] == "rolled back"
    assert described["updateDate"] == updated["updateDate"] > described["creationDate"]


def test_many_starts_share_themselves_out_as_the_weights_say(tmp_path: Path) -> None:
    # Nobody is told of their ends, which would double the time; no worker is needed either.
    with endpoint(tmp_path, ACTIONS, status_events=False) as api:
        client = api.client("stepfunctions")
        arn = two_versions(client)
        alias = create_live(client, arn)["stateMachineAliasArn"]
        for _ in range(STARTS):
            # The action itself, without its way over HTTP.
            start_execution(called(api, stateMachineArn=alias))
        started = {which: listed(client, which) for which in (arn, alias, f"{arn}:1", f"{arn}:2")}
    assert len(started[arn]) == len(started[alias]) == STARTS
    assert len(started[f"{arn}:1"]) + len(started[f"{arn}:2"]) == STARTS
    assert LEAST <= len(started[f"{arn}:2"]) <= MOST
    for number in (1, 2):
        versions = {one["stateMachineVersionArn"] for one in started[f"{arn}:{number}"]}
        assert versions == {f"{arn}:{number}"}


def called(api: Api, **given: Any) -> Call:
    return Call(engine=api.engine, account_id=ACCOUNT, region=REGION, input=given)


def listed(client: Any, arn: str) -> list[Any]:
    """All executions of a machine, a version or an alias."""
    pages = client.get_paginator("list_executions").paginate(
        stateMachineArn=arn, PaginationConfig={"PageSize": 1000}
    )
    return [execution for page in pages for execution in page["executions"]]


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ([(":1", 100), (":1", 0)], "must contain distinct state machine version ARNs. Received: ["),
        ([(":1", 60), (":2", 60)], "weights must equal 100. Received: [60, 60]"),
        ([(":1", 99)], "weights must equal 100. Received: [99]"),
        ([("", 100)], "must contain state machine version ARNs. Received: ["),
        ([(":live", 100)], "must contain state machine version ARNs. Received: ["),
    ],
)
def test_a_routing_that_makes_no_sense_is_refused(
    client: Any, shares: list[tuple[str, int]], message: str
) -> None:
    arn = two_versions(client)
    routing = routes(*((arn + qualifier, weight) for qualifier, weight in shares))
    with refused("ValidationException", message) as response:
        create_live(client, arn, routingConfiguration=routing)
    assert response["reason"] == "INVALID_ROUTING_CONFIGURATION"


def test_a_routing_names_versions_of_one_machine_that_are_there(client: Any) -> None:
    arn, other = two_versions(client), two_versions(client)
    alias = create_live(client, arn)["stateMachineAliasArn"]
    mixed = routes((f"{arn}:1", 50), (f"{other}:1", 50))
    with refused("ValidationException", "versions of the same state machine"):
        create_live(client, arn, name="mixed", routingConfiguration=mixed)
    with refused("ValidationException", "that the alias belongs to"):
        client.update_state_machine_alias(
            stateMachineAliasArn=alias, routingConfiguration=routes((f"{other}:1", 100))
        )
    with refused("ResourceNotFound", "Request references a resource that does not exist."):
        create_live(client, arn, name="next", routingConfiguration=routes((f"{arn}:9", 100)))


@pytest.mark.parametrize("name", ["7", "a b", "a" * 81, "ä"])
def test_a_name_that_the_model_forbids_is_refused(client: Any, name: str) -> None:
    arn = two_versions(client)
    with refused("ValidationException", "at 'name' failed to satisfy constraint"):
        create_live(client, arn, name=name)


def test_an_update_needs_something_to_change(client: Any) -> None:
    arn = two_versions(client)
    alias = create_live(client, arn)["stateMachineAliasArn"]
    with refused("ValidationException") as response:
        client.update_state_machine_alias(stateMachineAliasArn=alias)
    assert response["reason"] == "MISSING_REQUIRED_PARAMETER"


def test_a_deleted_alias_is_gone(client: Any) -> None:
    arn = two_versions(client)
    alias = create_live(client, arn)["stateMachineAliasArn"]
    client.delete_state_machine_alias(stateMachineAliasArn=alias)
    client.delete_state_machine_alias(stateMachineAliasArn=alias)
    with refused("ResourceNotFound"):
        client.describe_state_machine_alias(stateMachineAliasArn=alias)
    with refused("ResourceNotFound"):
        client.update_state_machine_alias(stateMachineAliasArn=alias, description="x")


def test_aliases_are_listed_oldest_first_and_by_version(client: Any) -> None:
    arn = two_versions(client)
    for number, name in enumerate(("a", "b", "c"), start=1):
        version = f"{arn}:{1 + number % 2}"
        create_live(client, arn, name=name, routingConfiguration=routes((version, 100)))

    def names(**given: Any) -> list[str]:
        answer = client.list_state_machine_aliases(**given)
        arns = [alias["stateMachineAliasArn"] for alias in answer["stateMachineAliases"]]
        return [alias.rpartition(":")[2] for alias in arns]

    assert names(stateMachineArn=arn) == ["a", "b", "c"]
    assert names(stateMachineArn=f"{arn}:2") == ["a", "c"]
    page = client.list_state_machine_aliases(stateMachineArn=arn, maxResults=2)
    assert names(stateMachineArn=arn, nextToken=page["nextToken"]) == ["c"]
    with refused("InvalidToken"):
        names(stateMachineArn=f"{arn}:2", nextToken=page["nextToken"])


def test_what_is_not_there_is_told_by_the_models_error(client: Any) -> None:
    with refused("ResourceNotFound"):
        create_live(client, UNKNOWN)
    with refused("StateMachineDoesNotExist"):
        client.list_state_machine_aliases(stateMachineArn=UNKNOWN)
    arn = create(client)["stateMachineArn"]
    with refused("ResourceNotFound"):
        client.list_state_machine_aliases(stateMachineArn=f"{arn}:4")
    with refused("ResourceNotFound"):
        client.describe_state_machine_alias(stateMachineAliasArn=f"{UNKNOWN}:live")


def test_bad_arns_are_refused(client: Any) -> None:
    for arn in ("alias", UNKNOWN, f"{UNKNOWN}:1"):
        for act in (
            lambda: client.describe_state_machine_alias(stateMachineAliasArn=arn),  # noqa: B023
            lambda: client.update_state_machine_alias(
                stateMachineAliasArn=arn,  # noqa: B023
                description="x",
            ),
            lambda: client.delete_state_machine_alias(stateMachineAliasArn=arn),  # noqa: B023
        ):
            with refused("InvalidArn", "Invalid Arn: '"):
                act()
    with refused("InvalidArn"):
        create_live(client, "machine")
    with refused("InvalidArn"):
        client.list_state_machine_aliases(stateMachineArn="machine")
