"""Contract 11: the SAM template, its scenarios, canaries and rollbacks."""

import importlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from config.asl.substitutions import AWS
from config.deploy.check import SAMPLE, load_template, problems_of, transformed
from config.deploy.scenarios import SCENARIOS, parameter_file, parameters_of

FILES_OF = {
    "a": ("aws_step_functions.json", "aws_step_functions_distributed.json"),
    "b": ("aws_step_functions_v3.json", "aws_step_functions_distributed.json"),
    "c": ("aws_step_functions_v3.json", "aws_step_functions_distributed_v3.json"),
}
STABLE = "arn:aws:states:us-east-1:000000000000:stateMachine:statebag-standard:7"


def resolve(value: Any, template: Mapping[str, Any]) -> Any:
    """A value with parameters, mappings and conditions put in; attributes stay as they are."""
    if isinstance(value, list):
        return [resolve(item, template) for item in value]
    if not isinstance(value, dict):
        return value
    name, content = next(iter(value.items()), ("", None))
    if len(value) == 1 and name in INTRINSICS:
        return INTRINSICS[name](content, template)
    return {name: resolve(item, template) for name, item in value.items()}


def _ref(name: str, template: Mapping[str, Any]) -> Any:
    parameter = template["Parameters"].get(name)
    return {"Ref": name} if parameter is None else parameter["Default"]


def _sub(text: str, template: Mapping[str, Any]) -> str:
    for name, parameter in template["Parameters"].items():
        text = text.replace(f"${{{name}}}", str(parameter.get("Default")))
    return text


def _find_in_map(content: list[Any], template: Mapping[str, Any]) -> Any:
    table, row, column = content
    return template["Mappings"][table][str(resolve(row, template))][column]


def _if(content: list[Any], template: Mapping[str, Any]) -> Any:
    condition, then, otherwise = content
    holds = resolve(template["Conditions"][condition], template)
    return resolve(then if holds else otherwise, template)


def _not(content: list[Any], template: Mapping[str, Any]) -> bool:
    return not resolve(content[0], template)


def _equals(content: list[Any], template: Mapping[str, Any]) -> bool:
    left, right = resolve(content, template)
    return bool(left == right)


INTRINSICS: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "Ref": _ref,
    "Fn::Sub": _sub,
    "Fn::FindInMap": _find_in_map,
    "Fn::If": _if,
    "Fn::Not": _not,
    "Fn::Equals": _equals,
}


def deployed(scenario: str, **parameters: str) -> dict[str, Any]:
    """The resources that a deployment makes, their parameters put in."""
    given = {**SAMPLE, **parameters_of(scenario), **parameters}
    template = transformed(load_template(), given)
    resources: dict[str, Any] = resolve(template["Resources"], template)
    return resources


def routing(resources: Mapping[str, Any], alias: str = "StandardAlias") -> list[tuple[Any, int]]:
    """The versions of alias ``live`` with their weights."""
    properties = resources[alias]["Properties"]
    assert properties["Name"] == "live"
    return [
        (version["StateMachineVersionArn"], int(version["Weight"]))
        for version in properties["RoutingConfiguration"]
    ]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_transformed_template_is_clean_for_the_scenario(scenario: str) -> None:
    assert problems_of(scenario) == []


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_chooses_both_files_by_parameters_alone(scenario: str) -> None:
    resources = deployed(scenario, Release="r7")
    keys = [
        resources[name]["Properties"]["DefinitionS3Location"]["Key"]
        for name in ("StandardStateMachine", "DistributedStateMachine")
    ]
    assert keys == [f"asl/r7/{file}" for file in FILES_OF[scenario]]


def test_switching_the_file_changes_the_machine_and_nothing_else() -> None:
    v3 = deployed("b")
    legacy = deployed("b", StateMachineDefinitionFile="aws_step_functions.json")
    different = {name for name in v3 if v3[name] != legacy[name]}
    assert different == {"StandardStateMachine"}


def test_defaults_are_those_of_the_contract() -> None:
    parameters = load_template()["Parameters"]
    assert {name: parameter.get("Default") for name, parameter in parameters.items()}.items() >= {
        "StateMachineDefinitionFile": "aws_step_functions_v3.json",
        "DistributedStateMachineDefinitionFile": "aws_step_functions_distributed_v3.json",
        "CanaryPercent": 0,
        "Release": None,
        "StateRetentionDays": 30,
        "MaxPayloadSizeKb": 200,
        "FailurePolicy": "fail_on_any_failure",
        "LogLevel": "INFO",
        "StateBucketName": None,
        "EventBusName": None,
    }.items()


def test_without_a_stable_version_live_is_what_was_deployed() -> None:
    assert routing(deployed("c")) == [({"Ref": "StandardVersion"}, 100)]
    assert routing(deployed("c"), "DistributedAlias") == [({"Ref": "DistributedVersion"}, 100)]


@pytest.mark.parametrize("percent", [0, 1, 5, 10, 20, 25, 50, 75, 90, 100])
def test_a_canary_gives_the_candidate_its_share_and_the_stable_version_the_rest(
    percent: int,
) -> None:
    canary = deployed("b", StableVersionArn=STABLE, CanaryPercent=str(percent))
    assert routing(canary) == [(STABLE, 100 - percent), ({"Ref": "StandardVersion"}, percent)]
    assert routing(canary, "DistributedAlias") == [({"Ref": "DistributedVersion"}, 100)]


def test_every_canary_share_that_is_allowed_has_a_rest() -> None:
    template = load_template()
    allowed = template["Parameters"]["CanaryPercent"]["AllowedValues"]
    rests = {
        int(share): row["Percent"] for share, row in template["Mappings"]["StableShare"].items()
    }
    assert rests == {share: 100 - share for share in allowed}


def test_versions_outlive_the_deployment_that_replaces_them() -> None:
    resources = deployed("c")
    for machine in ("Standard", "Distributed"):
        version = resources[f"{machine}Version"]
        assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("Retain", "Retain")
        attribute = {"Fn::GetAtt": [f"{machine}StateMachine", "StateMachineRevisionId"]}
        assert version["Properties"]["StateMachineRevisionId"] == attribute


def test_rollback_1_leaves_the_functions_untouched() -> None:
    live = deployed("b", Release="r7")
    back = deployed("b", Release="r7", StateMachineDefinitionFile="aws_step_functions.json")
    functions = {name for name in live if live[name]["Type"] == "AWS::Lambda::Function"}
    assert len(functions) == 15
    assert {name: live[name] for name in functions} == {name: back[name] for name in functions}
    assert live["StandardStateMachine"] != back["StandardStateMachine"]


def test_rollback_2_changes_the_code_of_state_data_manager_alone() -> None:
    live = deployed("a", Release="r7")
    back = deployed("a", Release="r7", StateDataManagerArtefact="state_data_manager_v2.zip")
    assert {name for name in live if live[name] != back[name]} == {"StateDataManager"}
    code = back["StateDataManager"]["Properties"]["Code"]
    assert code["S3Key"] == "lambda/r7/state_data_manager_v2.zip"


def test_both_machines_get_the_substitutions_of_aws() -> None:
    resources = deployed("c")
    for name in ("StandardStateMachine", "DistributedStateMachine"):
        assert resources[name]["Properties"]["DefinitionSubstitutions"] == AWS


@pytest.mark.parametrize(
    ("function", "megabytes", "seconds"),
    [("StateDataManager", 512, 60), ("ExecuteSegment", 2048, 300)],
)
def test_functions_have_the_size_of_the_contract(
    function: str, megabytes: int, seconds: int
) -> None:
    properties = deployed("c")[function]["Properties"]
    assert (properties["MemorySize"], properties["Timeout"]) == (megabytes, seconds)


def test_every_handler_exists() -> None:
    template = load_template()
    handlers = {
        name: resource["Properties"]["Handler"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert len(handlers) == 15
    for name, handler in handlers.items():
        module, _, attribute = handler.rpartition(".")
        assert callable(getattr(importlib.import_module(module), attribute)), name


def test_tables_bucket_and_rules_are_those_of_the_contract() -> None:
    resources = deployed("c", StateRetentionDays="45")
    keys = {
        name: [key["AttributeName"] for key in resource["Properties"]["KeySchema"]]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }
    assert keys == {
        "IdempotencyTable": ["idempotency_key"],
        "TaskTokenTable": ["ownerId", "pause_id"],
        "WorkflowsTable": ["ownerId", "workflowId"],
    }
    for name in ("IdempotencyTable", "TaskTokenTable"):
        expiry = resources[name]["Properties"]["TimeToLiveSpecification"]
        assert expiry == {"AttributeName": "ttl", "Enabled": True}
    rule = resources["StateBucket"]["Properties"]["LifecycleConfiguration"]["Rules"][0]
    assert (rule["Prefix"], rule["ExpirationInDays"]) == ("workflow-states/", 45)
    patterns = [
        resource["Properties"]["EventPattern"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Events::Rule"
    ]
    assert {(p["source"][0], p["detail-type"][0]) for p in patterns} == {
        ("backend-workflow.lifecycle", "WorkflowLifecycleEvent"),
        ("backend-workflow", "WorkflowExecutionSucceeded"),
        ("aws.states", "Step Functions Execution Status Change"),
    }


def test_a_parameter_file_holds_the_scenario_and_what_is_added() -> None:
    written = json.loads(parameter_file("a", {"Release": "r7"}))
    assert written == {"Parameters": {**parameters_of("a"), "Release": "r7"}}
