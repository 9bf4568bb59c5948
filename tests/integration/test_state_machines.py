"""Published versions and weighted aliases of state machines."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.executions.starting import start_machine
from pipeline.language.errors import InvalidDefinition
from pipeline.state_machines.aliases import create_alias, find_alias, update_alias
from pipeline.state_machines.errors import (
    AliasAlreadyExists,
    InvalidAlias,
    ReferenceNotFound,
    StateMachineAlreadyExists,
    StateMachineDoesNotExist,
)
from pipeline.state_machines.machines import create_state_machine, update_state_machine
from pipeline.state_machines.versions import delete_version, list_versions, publish_version
from tests.machines import only
from tests.platforms import Platform, embedded_platform

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:Review"


def giving(result: object) -> str:
    parameters = {"result": result, "machine.$": "$$.StateMachine.Id"}
    return json.dumps(only({"Type": "Pass", "Parameters": parameters, "End": True}, "Give"))


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with embedded_platform(tmp_path) as platform:
        yield platform


def two_versions(platform: Platform) -> None:
    create_state_machine(platform.engine, name="Review", definition=giving(1), publish=True)
    update_state_machine(platform.engine, ARN, definition=giving(2), publish=True)


def result(platform: Platform, arn: str, drawn: float = 0.0) -> object:
    execution = start_machine(platform.engine, arn, input={}, draw=lambda: drawn)
    return platform.wait(execution).output["result"]


def test_a_version_keeps_its_definition_when_the_machine_is_updated(platform: Platform) -> None:
    two_versions(platform)
    update_state_machine(platform.engine, ARN, definition=giving(3))
    assert [result(platform, arn) for arn in (ARN, f"{ARN}:1", f"{ARN}:2")] == [3, 1, 2]
    assert [version.number for version in list_versions(platform.engine, ARN)] == [2, 1]


def test_publishing_what_is_published_gives_the_same_version(platform: Platform) -> None:
    two_versions(platform)
    assert publish_version(platform.engine, ARN).arn == f"{ARN}:2"


def test_a_machine_may_be_created_again_only_as_it_is(platform: Platform) -> None:
    made = create_state_machine(platform.engine, name="Review", definition=giving(1))
    again = create_state_machine(platform.engine, name="Review", definition=giving(1))
    assert again == made
    with pytest.raises(StateMachineAlreadyExists):
        create_state_machine(platform.engine, name="Review", definition=giving(2))
    with pytest.raises(InvalidDefinition):
        create_state_machine(platform.engine, name="Other", definition="{}")


def test_an_alias_draws_by_its_weights_and_is_rolled_back_by_an_update(
    platform: Platform,
) -> None:
    two_versions(platform)
    alias = create_alias(platform.engine, name="live", routing=[(f"{ARN}:1", 90), (f"{ARN}:2", 10)])
    assert alias.arn == f"{ARN}:live"
    drawn = [result(platform, alias.arn, at) for at in (0.0, 0.899, 0.9, 0.999)]
    assert drawn == [1, 1, 2, 2]
    update_alias(platform.engine, alias.arn, routing=[(f"{ARN}:1", 100)])
    assert result(platform, alias.arn, 0.999) == 1
    assert find_alias(platform.engine, alias.arn).routing[0].weight == 100


def test_a_start_by_an_alias_goes_on_when_its_version_is_replaced_meanwhile(
    platform: Platform,
) -> None:
    two_versions(platform)
    engine = platform.engine
    alias = create_alias(engine, name="live", routing=[(f"{ARN}:1", 100)])

    def draw() -> float:
        # Called when the alias has been read, and its version has not.
        update_alias(engine, alias.arn, routing=[(f"{ARN}:2", 100)])
        delete_version(engine, ARN, f"{ARN}:1")
        return 0.0

    assert start_machine(engine, alias.arn, input={}, draw=draw).version_arn == f"{ARN}:2"


def test_an_execution_knows_its_version_and_alias_and_shows_the_unqualified_machine(
    platform: Platform,
) -> None:
    two_versions(platform)
    alias = create_alias(platform.engine, name="live", routing=[(f"{ARN}:2", 100)])
    execution = start_machine(platform.engine, alias.arn, input={})
    assert platform.wait(execution).output["machine"] == ARN
    assert (execution.machine_arn, execution.version_arn, execution.alias_arn) == (
        ARN,
        f"{ARN}:2",
        f"{ARN}:live",
    )
    details = platform.history(execution)[0].details
    assert details["stateMachineVersionArn"] == f"{ARN}:2"
    assert details["stateMachineAliasArn"] == f"{ARN}:live"


@pytest.mark.parametrize(
    ("name", "routing"),
    [
        ("live", []),
        ("live", [(f"{ARN}:1", 99)]),
        ("live", [(f"{ARN}:1", 50), (f"{ARN}:1", 50)]),
        ("live", [(f"{ARN}:1", 110), (f"{ARN}:2", -10)]),
        ("live", [(ARN, 100)]),
        ("7", [(f"{ARN}:1", 100)]),
        ("a b", [(f"{ARN}:1", 100)]),
    ],
)
def test_an_alias_that_makes_no_sense_is_refused(
    platform: Platform, name: str, routing: list[tuple[str, int]]
) -> None:
    two_versions(platform)
    with pytest.raises(InvalidAlias):
        create_alias(platform.engine, name=name, routing=routing)


def test_what_is_not_there_cannot_be_started_updated_or_made_twice(platform: Platform) -> None:
    engine = platform.engine
    with pytest.raises(StateMachineDoesNotExist):
        start_machine(engine, ARN, input={})
    with pytest.raises(StateMachineDoesNotExist):
        publish_version(engine, ARN)
    two_versions(platform)
    with pytest.raises(StateMachineDoesNotExist):
        start_machine(engine, f"{ARN}:live", input={})
    with pytest.raises(ReferenceNotFound):
        update_alias(engine, f"{ARN}:live", routing=[(f"{ARN}:1", 100)])
    create_alias(engine, name="live", routing=[(f"{ARN}:1", 100)])
    with pytest.raises(AliasAlreadyExists):
        create_alias(engine, name="live", routing=[(f"{ARN}:2", 100)])
