"""TestState over the endpoint, by boto3."""

import json
from typing import Any

import pytest

from tests.api_server import Api
from tests.integration.api.machines import PREFIX, refused
from tests.machines import call, each, only, side_by_side

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:work"


class Asker:
    """Asks for tests; whatever is no text is sent as JSON."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __call__(self, definition: Any, **given: Any) -> dict[str, Any]:
        shown: dict[str, Any] = self._client.test_state(
            definition=_text(definition),
            **{
                name: _text(value) if name in {"input", "variables", "context"} else value
                for name, value in given.items()
            },
        )
        shown.pop("ResponseMetadata")
        return shown


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def result(value: Any, **more: Any) -> dict[str, Any]:
    """A mock that gives a result."""
    return {"result": json.dumps(value), **more}


def failure(error: str, cause: str = "because") -> dict[str, Any]:
    """A mock that fails."""
    return {"errorOutput": {"error": error, "cause": cause}}


@pytest.fixture(scope="module")
def ask(api: Api) -> Asker:
    return Asker(api.client("stepfunctions"))


def test_a_pass_state_gives_its_output_and_the_next_state(ask: Asker) -> None:
    shown = ask({"Type": "Pass", "Result": {"a": 1}, "ResultPath": "$.b", "Next": "Other"})
    assert shown == {"status": "SUCCEEDED", "output": '{"b":{"a":1}}', "nextState": "Other"}


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
        "variables": {},
    }
    assert shown["output"] == "2"


def test_the_data_is_shown_up_to_where_it_failed(ask: Asker) -> None:
    state = {"Type": "Pass", "Parameters": {"x.$": "$.missing"}, "End": True}
    shown = ask(state, input={}, inspectionLevel="DEBUG")
    assert shown["status"] == "FAILED"
    assert set(shown["inspectionData"]) == {"input", "afterInputPath", "variables"}


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
    assert set(shown["inspectionData"]) == {"input", "afterInputPath", "variables"}


def test_nobody_waits_for_a_wait_state(ask: Asker) -> None:
    shown = ask({"Type": "Wait", "Seconds": 86_400, "Next": "Then"}, input={"a": 1})
    assert shown == {"status": "SUCCEEDED", "output": '{"a":1}', "nextState": "Then"}


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


def test_a_map_state_shows_its_items_and_limits(ask: Asker) -> None:
    state = each(
        {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
        | only({"Type": "Pass", "End": True}),
        ItemsPath="$.items",
        ItemSelector={"n.$": "$$.Map.Item.Value", "of.$": "$$.Execution.Name"},
        ItemBatcher={"MaxItemsPerBatch": 2},
        MaxConcurrency=4,
        ToleratedFailureCount=1,
        ToleratedFailurePercentage=12.5,
    )
    shown = ask(
        state,
        input={"items": [1, 2, 3]},
        context={"Execution": {"Name": "given"}},
        mock=result(["out"]),
        inspectionLevel="DEBUG",
    )
    assert shown["output"] == '["out"]'
    data = shown["inspectionData"]
    assert json.loads(data["afterItemsPath"]) == [1, 2, 3]
    selected = [{"n": n, "of": "given"} for n in (1, 2, 3)]
    assert json.loads(data["afterItemSelector"]) == selected
    batches = [{"Items": selected[:2]}, {"Items": selected[2:]}]
    assert json.loads(data["afterItemBatcher"]) == batches
    limits = ("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage")
    assert [data[name] for name in limits] == [4, 1, 12.5]


@pytest.mark.parametrize(("failed", "status"), [(1, "SUCCEEDED"), (2, "FAILED")])
def test_failed_iterations_count_against_the_tolerance(
    ask: Asker, failed: int, status: str
) -> None:
    state = each(
        {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
        | only({"Type": "Pass", "End": True}),
        ToleratedFailureCount=1,
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "Parameters": {"Bucket": "b", "Key": "k"},
        },
        ItemSelector={"row.$": "$$.Map.Item.Value.a"},
    )
    shown = ask(
        state,
        mock=result([]),
        stateConfiguration={"mapIterationFailureCount": failed, "mapItemReaderData": "a\n1\n2\n"},
        inspectionLevel="DEBUG",
    )
    assert shown["status"] == status
    expected = "States.ExceedToleratedFailureThreshold" if status == "FAILED" else None
    assert shown.get("error") == expected
    selected = json.loads(shown["inspectionData"]["afterItemSelector"])
    assert selected == [{"row": "1"}, {"row": "2"}]


def test_a_callback_and_an_activity_are_answered_by_the_mock(ask: Asker) -> None:
    callback = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
        "End": True,
    }
    context = {"Task": {"Token": "given"}}
    shown = ask(callback, context=context, mock=result("yes"), inspectionLevel="DEBUG")
    assert shown["output"] == '"yes"'
    assert "given" in shown["inspectionData"]["afterParameters"]
    activity = {"Type": "Task", "Resource": f"{PREFIX}:activity:paint", "End": True}
    assert ask(activity, mock=failure("Spilled"))["error"] == "Spilled"
    for state in (callback, activity):
        with refused("ValidationException", "only supported when a mock is specified"):
            ask(state)


GET_ITEM = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:getItem",
    "Parameters": {"TableName": "t", "Key": {"id": {"S": "1"}}},
    "End": True,
}


@pytest.mark.parametrize(
    ("mocked", "problem"),
    [
        ({"item": {}}, "Field 'item' does not have the case of the API's field"),
        ({"Item": []}, "Field 'Item' must be an object"),
        ({"Item": {"id": {"S": 1}}}, "Field 'Item.id.S' must be a string"),
        ([], "Field '$' must be an object"),
    ],
)
def test_a_mocked_result_must_have_the_shape_of_the_api(
    ask: Asker, mocked: Any, problem: str
) -> None:
    with refused("ValidationException", f"Mock result schema validation error: {problem}"):
        ask(GET_ITEM, mock=result(mocked))
    unchecked = ask(GET_ITEM, mock=result(mocked, fieldValidationMode="NONE"))
    assert unchecked["status"] == "SUCCEEDED"


def test_a_mocked_result_of_the_right_shape_is_taken(ask: Asker) -> None:
    item = {"Item": {"id": {"S": "1"}, "n": {"L": [{"N": "2"}]}}}
    assert json.loads(ask(GET_ITEM, mock=result(item))["output"]) == item
    execution = {**GET_ITEM, "Resource": "arn:aws:states:::events:putEvents"}
    execution["Parameters"] = {"Entries": []}
    assert ask(execution, mock=result({"FailedEntryCount": 0}))["status"] == "SUCCEEDED"


def test_what_does_not_fit_together_is_refused(ask: Asker) -> None:
    fan_out = side_by_side(only({"Type": "Pass", "End": True}))
    with refused("ValidationException", "State type 'Pass' is not supported when a mock"):
        ask({"Type": "Pass", "End": True}, mock=result(1))
    with refused("ValidationException", "State type 'Parallel' is only supported when a mock"):
        ask(fan_out)
    with refused("ValidationException", "Mocked result must be an array"):
        ask(fan_out, mock=result({}))
    with refused("ValidationException", "as many elements as the state has branches: 1"):
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
    with refused("InvalidArn"):
        ask({"Type": "Pass", "End": True}, roleArn="me")
