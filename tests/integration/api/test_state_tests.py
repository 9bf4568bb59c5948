"""TestState over the endpoint, by boto3."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.executions.lifecycle import find_execution
from tests.api_server import Api
from tests.integration.api.machines import create, refused
from tests.integration.api.state_tests import Asker, failure, result
from tests.machines import call, distributed, each, only, side_by_side

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:work"


@pytest.fixture(scope="module")
def ask(api: Api) -> Asker:
    return Asker(api.client("stepfunctions"))


def test_a_pass_state_gives_its_output_and_the_next_state(ask: Asker) -> None:
    shown = ask({"Type": "Pass", "Result": {"a": 1}, "ResultPath": "$.b", "Next": "Other"})
    assert shown == {"status": "SUCCEEDED", "output": '{"b": {"a": 1}}', "nextState": "Other"}


def test_a_real_function_is_called(ask: Asker) -> None:
    assert ask(call("double"), input=21) == {"status": "SUCCEEDED", "output": "42"}
    invoke = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "double", "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "End": True,
    }
    assert ask(invoke, input=4)["output"] == "8"


def test_a_real_function_that_fails_fails_the_state(ask: Asker) -> None:
    shown = ask(call("fail"), input={})
    assert shown["status"] == "FAILED"
    assert shown["error"]
    assert "output" not in shown


def test_a_function_that_is_not_there_fails_the_state(ask: Asker) -> None:
    assert ask(call("nobody"))["error"] == "Lambda.ResourceNotFoundException"


def test_a_function_that_takes_longer_than_its_state_times_out(ask: Asker, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    held = {"log": str(tmp_path / "log"), "gate": str(gate)}
    try:
        shown = ask(call("hold", TimeoutSeconds=1), input=held)
    finally:
        gate.touch()
    assert (shown["status"], shown["error"]) == ("FAILED", "States.Timeout")


def test_an_execution_is_started(ask: Asker, api: Api) -> None:
    machine = create(api.client("stepfunctions"))["stateMachineArn"]
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Parameters": {"StateMachineArn": machine, "Input": {}},
        "OutputPath": "$.ExecutionArn",
        "End": True,
    }
    shown = ask(start)
    assert shown["status"] == "SUCCEEDED"
    execution = find_execution(api.engine, json.loads(shown["output"]))
    assert execution.machine_arn == machine


def test_the_data_is_shown_after_each_field(ask: Asker) -> None:
    state = call(
        "work",
        InputPath="$.in",
        Parameters={"x.$": "$.a"},
        ResultSelector={"y.$": "$.r"},
        ResultPath="$.out",
        OutputPath="$.out.y",
    )
    shown = ask(state, input={"in": {"a": 1}}, mock=result({"r": 2}), inspectionLevel="DEBUG")
    data = {name: json.loads(text) for name, text in shown["inspectionData"].items()}
    assert data == {
        "input": {"in": {"a": 1}},
        "afterInputPath": {"a": 1},
        "afterParameters": {"x": 1},
        "result": {"r": 2},
        "afterResultSelector": {"y": 2},
        "afterResultPath": {"in": {"a": 1}, "out": {"y": 2}},
    }
    assert shown["output"] == "2"


def test_the_data_is_shown_up_to_where_it_failed(ask: Asker) -> None:
    state = {"Type": "Pass", "Parameters": {"x.$": "$.missing"}, "End": True}
    shown = ask(state, input={}, inspectionLevel="DEBUG")
    assert shown["status"] == "FAILED"
    assert set(shown["inspectionData"]) == {"input", "afterInputPath"}


def test_a_jsonata_state_shows_its_arguments_and_variables(ask: Asker) -> None:
    state = {
        "QueryLanguage": "JSONata",
        "Type": "Task",
        "Resource": FUNCTION,
        "Arguments": "{% $states.input.a + $one %}",
        "Assign": {"two": "{% $states.result %}"},
        "Output": "{% $states.context.Execution.Name %}",
        "Next": "Then",
    }
    shown = ask(
        state,
        input={"a": 1},
        variables={"one": 1},
        context={"Execution": {"Name": "given"}},
        mock=result("done"),
        inspectionLevel="DEBUG",
    )
    assert (shown["output"], shown["nextState"]) == ('"given"', "Then")
    data = {name: json.loads(text) for name, text in shown["inspectionData"].items()}
    assert (data["afterArguments"], data["result"]) == (2, "done")
    assert data["variables"] == {"one": 1, "two": "done"}


@pytest.mark.parametrize(
    ("made", "status", "seconds"), [(0, "RETRIABLE", 3), (1, "RETRIABLE", 6), (2, "FAILED", None)]
)
def test_an_error_is_retriable_until_its_retrier_is_used_up(
    ask: Asker, made: int, status: str, seconds: int | None
) -> None:
    retry = [
        {"ErrorEquals": ["Other"]},
        {"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 2},
    ]
    shown = ask(
        call("work", Retry=retry),
        mock=failure("Busy"),
        stateConfiguration={"retrierRetryCount": made},
        inspectionLevel="DEBUG",
    )
    assert (shown["status"], shown["error"], shown["cause"]) == (status, "Busy", "because")
    assert "output" not in shown
    details = shown["inspectionData"].get("errorDetails")
    expected = {"retryIndex": 1, "retryBackoffIntervalSeconds": seconds}
    assert details == (expected if seconds else None)


def test_a_caught_error_goes_to_the_catcher(ask: Asker) -> None:
    catch = [
        {"ErrorEquals": ["Other"], "Next": "Elsewhere"},
        {"ErrorEquals": ["States.ALL"], "Next": "Mend", "ResultPath": "$.why"},
    ]
    shown = ask(
        call("work", Catch=catch), input={"a": 1}, mock=failure("Busy"), inspectionLevel="DEBUG"
    )
    assert (shown["status"], shown["nextState"]) == ("CAUGHT_ERROR", "Mend")
    why = {"Error": "Busy", "Cause": "because"}
    assert json.loads(shown["output"]) == {"a": 1, "why": why}
    assert shown["inspectionData"]["errorDetails"] == {"catchIndex": 1}


def test_a_choice_state_names_where_it_goes(ask: Asker) -> None:
    state = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericGreaterThan": 5, "Next": "Big"}],
        "Default": "Small",
    }
    assert ask(state, input={"n": 6})["nextState"] == "Big"
    assert ask(state, input={"n": 5})["nextState"] == "Small"
    shown = ask(state, input={"n": 5}, inspectionLevel="DEBUG")
    assert set(shown["inspectionData"]) == {"input", "afterInputPath"}


COMPUTED = {"Parameters": {"b.$": "$.a"}}
MAP = each(distributed({"Type": "Pass", "End": True}))
BRANCH = only({"Type": "Pass", "End": True})
PATHS, RESULTS = {"afterInputPath", "afterParameters"}, {"afterResultSelector", "afterResultPath"}


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ({"Type": "Pass", "End": True, **COMPUTED}, PATHS | RESULTS),
        ({"Type": "Pass", "End": True, **COMPUTED, "Result": 1}, {"result"} | RESULTS),
        ({"Type": "Succeed"}, {"afterInputPath"}),
        ({"Type": "Fail"}, {"afterInputPath"}),
        ({"Type": "Wait", "Seconds": 1, "End": True}, {"afterInputPath"}),
        (side_by_side(BRANCH), RESULTS),
        ({**MAP, "ItemsPath": "$.i"}, {"afterInputPath", "afterItemsPath", "maxConcurrency"}),
        ({**MAP, "ItemsPath": "$.i", "ToleratedFailureCount": 0}, {"toleratedFailureCount"}),
        ({"Type": "Pass", "QueryLanguage": "JSONata", "Output": 1, "End": True}, set()),
        (side_by_side(BRANCH, QueryLanguage="JSONata", Arguments={}), set()),
    ],
)
def test_each_type_of_state_shows_data_of_its_own(
    ask: Asker, state: dict[str, Any], names: set[str]
) -> None:
    mock = {"mock": result([1])} if state["Type"] in ("Map", "Parallel") else {}
    shown = ask(state, input={"a": 1, "i": [1]}, inspectionLevel="DEBUG", **mock)
    inspected = set(shown["inspectionData"]) - {"input"}
    if state["Type"] == "Map":
        assert names <= inspected
        assert "result" not in inspected
        assert ("toleratedFailureCount" in inspected) == ("ToleratedFailureCount" in state)
    else:
        assert inspected == names


def test_a_state_within_may_have_the_name_of_the_lone_state(ask: Asker) -> None:
    inner = {"StartAt": "TestState", "States": {"TestState": {"Type": "Pass", "End": True}}}
    assert ask(each(inner), input=[1], mock=result([2]))["output"] == "[2]"


def test_a_mocked_error_is_the_states_error_however_many_iterations_fail(ask: Asker) -> None:
    shown = ask(
        each(distributed({"Type": "Pass", "End": True})),
        input=[1, 2],
        mock=failure("Broken"),
        stateConfiguration={"mapIterationFailureCount": 2},
    )
    assert shown["error"] == "Broken"


def test_nobody_waits_for_a_wait_state(ask: Asker) -> None:
    shown = ask({"Type": "Wait", "Seconds": 86_400, "Next": "Then"}, input={"a": 1})
    assert shown == {"status": "SUCCEEDED", "output": '{"a": 1}', "nextState": "Then"}


def test_the_ends_of_a_scope_are_told(ask: Asker) -> None:
    assert ask({"Type": "Succeed"}, input=1) == {"status": "SUCCEEDED", "output": "1"}
    failed = ask({"Type": "Fail", "Error": "E", "Cause": "c"})
    assert failed == {"status": "FAILED", "error": "E", "cause": "c"}


def test_a_state_of_a_whole_machine_is_found_at_any_depth(ask: Asker) -> None:
    inner = only({"Type": "Pass", "Result": "inner", "End": True}, "Inner")
    machine = only(side_by_side(inner), "Outer")
    assert ask(machine, stateName="Inner")["output"] == '"inner"'
    shown = ask(machine, stateName="Outer", mock=result([1]))
    assert (shown["status"], shown["output"]) == ("SUCCEEDED", "[1]")
    with refused("ValidationException", "State 'Nobody' not found in definition"):
        ask(machine, stateName="Nobody")
    with refused("ValidationException", "stateName"):
        ask(machine)


def test_what_does_not_fit_together_is_refused(ask: Asker) -> None:
    fan_out = side_by_side(only({"Type": "Pass", "End": True}))
    with refused("ValidationException", "State type 'Pass' is not supported when a mock"):
        ask({"Type": "Pass", "End": True}, mock=result(1))
    with refused("InvalidDefinition", "does not support Map or Parallel states"):
        ask(fan_out)
    with refused("ValidationException", "Mocked result must be an array"):
        ask(fan_out, mock=result({}))
    with refused("ValidationException", "the same number of items as number of Parallel branches"):
        ask(fan_out, mock=result([1, 2]))
    with refused("ValidationException", "only one of the following fields"):
        ask(call("work"), mock=result(1) | failure("E"))
    with refused("ValidationException", "'context' can only be specified when a mock"):
        ask(call("work"), context={})
    with refused("ValidationException", "Mocked result must be valid JSON"):
        ask(call("work"), mock={"result": "{"})
    with refused("ValidationException", "'variables' must be a JSON object"):
        ask(call("work"), variables=[])
    with refused("ValidationException", "State 'Nobody' not found"):
        ask(
            call("work"),
            mock=failure("E"),
            stateConfiguration={"errorCausedByState": "Nobody"},
        )


def test_bad_input_and_bad_definitions_are_refused(ask: Asker) -> None:
    with refused("InvalidExecutionInput", "Invalid State Machine Execution Input: '"):
        ask({"Type": "Pass", "End": True}, input="{")
    for definition in ("{", "[]", {"Type": "Pass"}, {"Type": "Nonsense", "End": True}):
        with refused("InvalidDefinition"):
            ask(definition)
    unknown = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:dance", "End": True}
    with refused("InvalidDefinition", "at /Resource"):
        ask(unknown)
    with refused("InvalidArn"):
        ask({"Type": "Pass", "End": True}, roleArn="me")
