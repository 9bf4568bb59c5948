"""Variables and JSONata end to end: both outlive the ledger, the workers and the fan-outs."""

import json
from typing import Any

import pytest

from pipeline.executions.history import execution_history
from tests.machines import call, distributed, each, only, side_by_side
from tests.platforms import Platform

pytestmark = pytest.mark.parametrize("running_platform", ["embedded"], indirect=True)

PASS = {"Type": "Pass"}
LAMBDA = "arn:aws:states:::lambda:invoke"


def before(following: str, state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A state that goes on instead of ending its scope."""
    return {name: value for name, value in state.items() if name != "End"} | {
        "Next": following,
        **fields,
    }


def test_variables_outlive_functions_waits_and_fan_outs(platform: Platform) -> None:
    branches = [
        only({**PASS, "Parameters": {"left.$": "$doubled"}, "End": True}),
        only(call("double", InputPath="$doubled")),
    ]
    items = each(only(call("double", InputPath="$doubled")), ItemsPath="$both")
    states = {
        "Double": before("Wait", call("double"), Assign={"doubled.$": "$"}),
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Fan"},
        "Fan": before("Each", side_by_side(*branches), Assign={"both.$": "$"}),
        "Each": before("Last", items),
        "Last": {
            **PASS,
            "Parameters": {"d.$": "$doubled", "b.$": "$both", "e.$": "$"},
            "End": True,
        },
    }
    ended = platform.run({"StartAt": "Double", "States": states}, 21)
    assert ended.output == {"d": 42, "b": [{"left": 42}, 84], "e": [84, 84]}, ended.cause


def test_the_history_shows_assigned_variables_as_text(platform: Platform) -> None:
    large = "y" * 100_000
    execution = platform.start(only({**PASS, "Assign": {"x": {"a": [1]}, "y": large}, "End": True}))
    platform.wait(execution)
    [exited] = [
        event["stateExitedEventDetails"]
        for event in execution_history(platform.engine, execution.id)
        if event["type"] == "PassStateExited"
    ]
    assert isinstance(exited, dict)
    assert exited["assignedVariables"] == {"x": '{"a":[1]}', "y": json.dumps(large)}
    assert exited["assignedVariablesDetails"] == {"truncated": False}


def test_a_jsonata_machine_calls_functions_in_branches_and_iterations(platform: Platform) -> None:
    invoke = {
        "Type": "Task",
        "Resource": LAMBDA,
        "Arguments": {"FunctionName": "double", "Payload": "{% $states.input + $plus %}"},
        "Output": "{% $states.result.Payload %}",
        "End": True,
    }
    states = {
        "First": {**PASS, "Assign": {"plus": "{% $states.input.plus %}"}, "Next": "Each"},
        "Each": before(
            "Sum", each(only(invoke), Items="{% $states.input.list %}"), Assign={"all": ANSWERS}
        ),
        "Sum": {**PASS, "Output": "{% $sum($all) + $plus %}", "End": True},
    }
    machine = {"QueryLanguage": "JSONata", "StartAt": "First", "States": states}
    ended = platform.run(machine, {"plus": 10, "list": [1, 2, 3]})
    assert ended.output == 2 * (11 + 12 + 13) + 10, ended.cause


ANSWERS = "{% $states.result %}"


def test_a_distributed_map_of_jsonata_selects_and_assigns_in_each_item(platform: Platform) -> None:
    inner = distributed(
        {
            **PASS,
            "Output": "{% $states.input.item * $states.input.by %}",
            "End": True,
        }
    )
    selector = {"item": "{% $states.context.Map.Item.Value %}", "by": "{% $by %}"}
    items = each(inner, Items="{% [1..5] %}", ItemSelector=selector)
    states = {"First": {**PASS, "Assign": {"by": 3}, "Next": "Each"}, "Each": items}
    machine = {"QueryLanguage": "JSONata", "StartAt": "First", "States": states}
    assert platform.run(machine, None).output == [3, 6, 9, 12, 15]


def test_a_failed_expression_is_in_the_history_and_can_be_caught(platform: Platform) -> None:
    state = before("Last", call("echo"), Output="{% $states.result.gone %}")
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Last"}]
    states = {"S": {**state, "Catch": catch}, "Last": {"Type": "Succeed"}}
    machine = {"QueryLanguage": "JSONata", "StartAt": "S", "States": states}
    execution = platform.start(machine, {})
    ended = platform.wait(execution)
    assert ended.output["Error"] == "States.QueryEvaluationError"
    [details] = [
        event["evaluationFailedEventDetails"]
        for event in execution_history(platform.engine, execution.id)
        if event["type"] == "EvaluationFailed"
    ]
    assert isinstance(details, dict)
    assert (details["state"], details["location"]) == ("S", "Output")
