"""States that TestState tests with a mock of their work, by boto3."""

import json
from typing import Any

import pytest

from tests.api_server import Api
from tests.integration.api.machines import PREFIX, refused
from tests.integration.api.state_tests import Asker, failure, result
from tests.machines import call, distributed, each, only

PASS = {"Type": "Pass", "End": True}


@pytest.fixture(scope="module")
def ask(api: Api) -> Asker:
    return Asker(api.client("stepfunctions"))


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


def test_iterations_in_jsonata_are_shown_but_for_the_items(ask: Asker) -> None:
    state = each(
        distributed(PASS),
        QueryLanguage="JSONata",
        Items="{% $states.input %}",
        ItemSelector={"n": "{% $states.context.Map.Item.Value %}"},
        MaxConcurrency="{% 1 + 1 %}",
    )
    shown = ask(state, input=[1, 2], mock=result([]), inspectionLevel="DEBUG")
    data = shown["inspectionData"]
    assert json.loads(data["afterItemSelector"]) == [{"n": 1}, {"n": 2}]
    assert data["maxConcurrency"] == 2
    assert "afterItemsPath" not in data


@pytest.mark.parametrize(
    ("config", "read", "pointed", "selected"),
    [
        ({"InputType": "JSON", "ItemsPointer": "/a"}, {"a": [1, 2], "b": 0}, [1, 2], [1, 2]),
        (
            {"InputType": "JSON", "ItemsPointer": "/a"},
            {"a": {"x": 1, "y": 2}},
            {"x": 1, "y": 2},
            [{"Key": "x", "Value": 1}, {"Key": "y", "Value": 2}],
        ),
        ({"InputType": "MANIFEST"}, [{"Key": "k"}], None, [{"Key": "k"}]),
        ({"InputType": "PARQUET"}, [{"column": 1}], None, [{"column": 1}]),
    ],
)
def test_an_item_reader_reads_the_given_data(
    ask: Asker, config: Any, read: Any, pointed: Any, selected: Any
) -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config,
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    shown = ask(
        each(distributed(PASS), ItemReader=reader, ItemBatcher={"MaxItemsPerBatch": 2}),
        mock=result([]),
        stateConfiguration={"mapItemReaderData": json.dumps(read)},
        inspectionLevel="DEBUG",
    )
    data = shown["inspectionData"]
    assert json.loads(data.get("afterItemsPointer", "null")) == pointed
    assert json.loads(data["afterItemBatcher"]) == [{"Items": selected}]


def test_results_that_are_written_are_mocked_by_what_tells_where_they_are(ask: Asker) -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}
    state = each(distributed(PASS), ResultWriter=writer)
    written = {"MapRunArn": "arn", "ResultWriterDetails": {"Bucket": "b", "Key": "k"}}
    assert json.loads(ask(state, input=[1], mock=result(written))["output"]) == written
    with refused("ValidationException", "Mocked result must be a JSON object"):
        ask(state, input=[1], mock=result([1]))
    state["ResultWriter"] = {"WriterConfig": {"OutputType": "JSON", "Transformation": "COMPACT"}}
    assert ask(state, input=[1], mock=result([1]))["output"] == "[1]"


def test_a_mocked_error_comes_from_a_state_within_the_one_that_is_tested(ask: Asker) -> None:
    outer = {"Type": "Parallel", "Branches": [only(PASS, "Inner/1")], "Next": "Other"}
    machine = {"StartAt": "Outer", "States": {"Outer": outer, "Other": PASS}}
    given = {"stateName": "Outer", "mock": failure("E")}
    shown = ask(machine, **given, stateConfiguration={"errorCausedByState": "Inner/1"})
    assert (shown["status"], shown["error"]) == ("FAILED", "E")
    for name in ("Outer", "Other"):
        with refused("ValidationException", f"State '{name}' not found"):
            ask(machine, **given, stateConfiguration={"errorCausedByState": name})


def test_a_mocked_error_has_a_name(ask: Asker) -> None:
    with refused("ValidationException", "'mock.errorOutput' must have an 'error'"):
        ask(call("work"), mock={"errorOutput": {"cause": "because"}})
    shown = ask(call("work"), mock={"errorOutput": {"error": "E"}})
    assert (shown["status"], shown["error"]) == ("FAILED", "E")


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
        ({"Item": []}, "Field 'Item' must be an object"),
        ({"Item": {"id": {"S": 1}}}, "Field 'S' must be a string"),
        ({"Item": {"id": {"BOOL": "yes"}}}, "Field 'BOOL' must be a boolean"),
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


def test_a_mocked_result_may_have_fields_that_the_api_does_not_have(ask: Asker) -> None:
    invoked = call("work") | {
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "work"},
    }
    answer = {"statusCode": 200, "body": {"a": 1}}
    assert json.loads(ask(invoked, mock=result(answer))["output"]) == answer
    started = call("work") | {
        "Resource": "arn:aws:states:::states:startExecution",
        "Parameters": {"StateMachineArn": f"{PREFIX}:stateMachine:m"},
    }
    with refused("ValidationException", "Required field 'ExecutionArn' is missing"):
        ask(started, mock=result({"executionArn": "a", "startDate": "b"}))


@pytest.mark.parametrize(
    ("resource", "parameters", "mocked", "problem"),
    [
        ("aws-sdk:cognitoidentityprovider:listUsers", {"UserPoolId": "u"}, {"Users": 1}, "'Users'"),
        (
            "aws-sdk:rds:describeDBInstances",
            {},
            {"DbInstances": [{"DbInstanceIdentifier": 1}]},
            "'DbInstanceIdentifier'",
        ),
        ("aws-sdk:sfn:describeExecution", {"ExecutionArn": "a"}, {}, "'ExecutionArn' is missing"),
        ("states:startExecution", {"StateMachineArn": "a"}, {}, "'ExecutionArn' is missing"),
        (
            "lambda:invoke",
            {"FunctionName": "f"},
            {"StatusCode": "200"},
            "'StatusCode' must be a number",
        ),
    ],
)
def test_each_api_has_a_shape_in_its_own_spelling(
    ask: Asker, resource: str, parameters: Any, mocked: Any, problem: str
) -> None:
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Parameters": parameters,
        "End": True,
    }
    with refused("ValidationException", problem):
        ask(state, mock=result(mocked))


def test_required_fields_may_be_missing_where_only_present_ones_are_checked(ask: Asker) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:describeExecution",
        "Parameters": {"ExecutionArn": "a"},
        "End": True,
    }
    assert ask(state, mock=result({}, fieldValidationMode="PRESENT"))["status"] == "SUCCEEDED"
    with refused("ValidationException", "'Name' must be a string"):
        ask(state, mock=result({"Name": 1}, fieldValidationMode="PRESENT"))
