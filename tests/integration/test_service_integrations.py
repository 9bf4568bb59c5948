"""DynamoDB and EventBridge from Task states, served by StateBag itself and by a server."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from kombu.entity import Queue

from pipeline.integrations.services.event_bus import EXCHANGE
from pipeline.integrations.services.local_tables import LocalTables
from tests.machines import only
from tests.platforms import Platform, embedded_platform

TABLE = "Idempotency"
ROW = {
    "idempotency_key": {"S": "k"},
    "status": {"S": "RUNNING"},
    "executionArn": {"S": "arn:one"},
    "ttl": {"N": "100"},
}


@pytest.fixture(params=["local", "aws"])
def platform(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    s3_server: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Platform]:
    """An embedded StateBag whose services are its own, or a server's by boto3."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with embedded_platform(
        tmp_path, tables=request.param, event_bus=request.param, sweep_interval_seconds=0.1
    ) as platform:
        made: Any = (
            LocalTables(platform.engine.database)
            if request.param == "local"
            else boto3.session.Session().client("dynamodb")
        )
        made.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "idempotency_key", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "idempotency_key", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield platform
        if request.param == "aws":
            made.delete_table(TableName=TABLE)


def action(name: str, parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    resource = f"arn:aws:states:::{name}"
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, **fields}
    return state if "Next" in fields else {**state, "End": True}


def put(**fields: Any) -> dict[str, Any]:
    return action("dynamodb:putItem", {"TableName": TABLE, "Item": ROW, **fields})


KEY = {"idempotency_key": {"S": "k"}}


def get(**fields: Any) -> dict[str, Any]:
    return action("dynamodb:getItem", {"TableName": TABLE, "Key": KEY, **fields})


def test_a_row_that_is_not_there_has_no_item(platform: Platform) -> None:
    ended = platform.run(only(get()))
    assert "Item" not in ended.output
    assert ended.output["SdkHttpMetadata"]["HttpStatusCode"] == 200


def test_a_row_comes_back_as_it_was_put_with_what_the_projection_names(
    platform: Platform,
) -> None:
    assert platform.run(only(put())).status == "SUCCEEDED"
    execution = platform.start(
        only(
            get(
                ConsistentRead=True,
                ProjectionExpression="executionArn, #s, output_s3_path",
                ExpressionAttributeNames={"#s": "status"},
            )
        )
    )
    assert platform.wait(execution).output["Item"] == {
        "executionArn": {"S": "arn:one"},
        "status": {"S": "RUNNING"},
    }
    scheduled = platform.history(execution)[2]
    assert (scheduled.type, scheduled.details["resourceType"], scheduled.details["resource"]) == (
        "TaskScheduled",
        "dynamodb",
        "getItem",
    )


CLAIM = "attribute_not_exists(idempotency_key) OR #t < :now OR #s = :failed OR executionArn = :own"


def claim(now: int, own: str) -> dict[str, Any]:
    return put(
        ConditionExpression=CLAIM,
        ExpressionAttributeNames={"#t": "ttl", "#s": "status"},
        ExpressionAttributeValues={
            ":now": {"N": str(now)},
            ":failed": {"S": "FAILED"},
            ":own": {"S": own},
        },
    )


@pytest.mark.parametrize(
    ("now", "own", "error"),
    [
        (99, "arn:one", None),
        (101, "arn:other", None),
        (100, "arn:other", "DynamoDB.ConditionalCheckFailedException"),
    ],
)
def test_a_conditional_put_is_refused_only_to_another_execution(
    platform: Platform, now: int, own: str, error: str | None
) -> None:
    assert platform.run(only(claim(0, "arn:one"))).status == "SUCCEEDED"
    ended = platform.run(only(claim(now, own)))
    assert ended.error == error
    if error:
        assert (ended.cause or "").startswith(
            "The conditional request failed (Service: AmazonDynamoDBv2; Status Code: 400; "
            "Error Code: ConditionalCheckFailedException; Request ID: "
        )


def test_an_update_changes_what_it_names_where_its_condition_holds(platform: Platform) -> None:
    platform.run(only(put()))
    update = action(
        "dynamodb:updateItem",
        {
            "TableName": TABLE,
            "Key": KEY,
            "UpdateExpression": "SET #s = :s, tries = if_not_exists(tries, :zero) + :one "
            "REMOVE executionArn",
            "ConditionExpression": "executionArn = :own",
            "ExpressionAttributeNames": {"#s": "status"},
            "ExpressionAttributeValues": {
                ":s": {"S": "SUCCEEDED"},
                ":own": {"S": "arn:one"},
                ":zero": {"N": "0"},
                ":one": {"N": "1"},
            },
            "ReturnValues": "ALL_NEW",
        },
    )
    assert platform.run(only(update)).output["Attributes"] == {
        "idempotency_key": {"S": "k"},
        "status": {"S": "SUCCEEDED"},
        "ttl": {"N": "100"},
        "tries": {"N": "1"},
    }
    assert platform.run(only(update)).error == "DynamoDB.ConditionalCheckFailedException"
    delete = action("dynamodb:deleteItem", {"TableName": TABLE, "Key": KEY})
    assert platform.run(only(delete)).status == "SUCCEEDED"
    assert "Item" not in platform.run(only(get())).output


def update(expression: str, **fields: Any) -> dict[str, Any]:
    given = {"TableName": TABLE, "Key": KEY, "UpdateExpression": expression, **fields}
    return action("dynamodb:updateItem", given)


@pytest.mark.parametrize(
    ("wanted", "attributes"),
    [
        ("UPDATED_OLD", {"ttl": {"N": "100"}, "executionArn": {"S": "arn:one"}}),
        ("UPDATED_NEW", {"ttl": {"N": "7"}, "fresh": {"N": "7"}}),
    ],
)
def test_an_update_returns_what_it_names(
    platform: Platform, wanted: str, attributes: dict[str, Any]
) -> None:
    platform.run(only(put()))
    state = update(
        "SET #t = :n, fresh = :n REMOVE executionArn",
        ExpressionAttributeNames={"#t": "ttl"},
        ExpressionAttributeValues={":n": {"N": "7"}},
        ReturnValues=wanted,
    )
    assert platform.run(only(state)).output["Attributes"] == attributes


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        (
            update("SET idempotency_key = :v", ExpressionAttributeValues={":v": {"S": "other"}}),
            "Cannot update attribute idempotency_key. This attribute is part of the key",
        ),
        (put(ReturnValues="ALL_NEW"), "Return values set to invalid value"),
    ],
)
def test_a_change_that_dynamodb_refuses_is_refused(
    platform: Platform, state: dict[str, Any], cause: str
) -> None:
    platform.run(only(put()))
    ended = platform.run(only(state))
    assert ended.error == "DynamoDB.AmazonDynamoDBException"
    assert cause in (ended.cause or "")


def test_an_update_from_an_attribute_that_is_not_there_is_refused(local: Platform) -> None:
    LocalTables(local.engine.database).ensure_table(TABLE, "idempotency_key")
    ended = local.run(only(update("SET a = missing")))
    assert ended.error == "DynamoDB.AmazonDynamoDBException"
    assert "refers to an attribute that does not exist in the item" in (ended.cause or "")


LINES = "Lines"


@pytest.fixture
def lines(platform: Platform) -> Iterator[None]:
    """A table with a sort key, filled in another order than its."""
    keys = {"orderId": "HASH", "line": "RANGE"}
    is_local = "dynamodb" in platform.engine.services.local
    made: Any = (
        LocalTables(platform.engine.database)
        if is_local
        else boto3.session.Session().client("dynamodb")
    )
    made.create_table(
        TableName=LINES,
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[
            {"AttributeName": "orderId", "AttributeType": "S"},
            {"AttributeName": "line", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in (10, 9, 1):
        item = {"orderId": {"S": "o"}, "line": {"N": str(number)}, "is_odd": {"N": str(number % 2)}}
        made.put_item(TableName=LINES, Item=item)
    yield
    if not is_local:
        made.delete_table(TableName=LINES)


@pytest.mark.parametrize(
    ("fields", "numbers", "scanned"),
    [
        ({}, ["1", "9", "10"], 3),
        ({"ScanIndexForward": False}, ["10", "9", "1"], 3),
        ({"FilterExpression": "is_odd = :v"}, ["1", "9"], 3),
        ({"KeyConditionExpression": "orderId = :o AND line >= :n"}, ["9", "10"], 2),
    ],
)
@pytest.mark.usefixtures("lines")
def test_a_query_finds_lines_in_the_order_of_their_sort_key(
    platform: Platform, fields: dict[str, Any], numbers: list[str], scanned: int
) -> None:
    values = {":o": {"S": "o"}, ":v": {"N": "1"}, ":n": {"N": "9"}}
    asked = {"TableName": LINES, "KeyConditionExpression": "orderId = :o", **fields}
    text = " ".join(str(part) for part in asked.values())
    used = {name: value for name, value in values.items() if name in text}
    asked |= {"ProjectionExpression": "line", "ExpressionAttributeValues": used}
    output = platform.run(only(action("aws-sdk:dynamodb:query", asked))).output
    assert output["Items"] == [{"line": {"N": number}} for number in numbers]
    assert (output["Count"], output["ScannedCount"]) == (len(numbers), scanned)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"TableName": "Nothing", "Key": KEY}, "DynamoDB.ResourceNotFoundException"),
        ({"TableName": TABLE, "Key": {"other": {"S": "k"}}}, "DynamoDB.AmazonDynamoDBException"),
        ({"TableName": TABLE, "Key": "no object"}, "States.Runtime"),
    ],
)
def test_a_wrong_request_fails_with_the_error_of_its_service(
    platform: Platform, parameters: dict[str, Any], error: str
) -> None:
    assert platform.run(only(action("dynamodb:getItem", parameters))).error == error


EVENT = {"Source": "backend-workflow", "DetailType": "WorkflowExecutionSucceeded"}


def test_events_are_taken_with_an_id_each(platform: Platform) -> None:
    entries = [{**EVENT, "Detail": {"n": number}} for number in range(2)]
    ended = platform.run(only(action("events:putEvents", {"Entries": entries})))
    assert ended.output["FailedEntryCount"] == 0
    assert len({entry["EventId"] for entry in ended.output["Entries"]}) == 2


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Platform]:
    with embedded_platform(tmp_path, sweep_interval_seconds=0.1) as platform:
        yield platform


def test_an_event_arrives_in_the_envelope_of_eventbridge(local: Platform) -> None:
    entries = [{**EVENT, "Detail": {"status": "COMPLETED"}, "Resources": ["arn:mine"]}]
    with local.app.connection_for_read() as connection:
        make_queue: Any = Queue  # Kombu is typed in part only
        queue = make_queue("listener", EXCHANGE, routing_key="backend-workflow.*", exclusive=True)
        bound = queue(connection.default_channel)
        bound.declare()
        execution = local.start(only(action("events:putEvents", {"Entries": entries})))
        local.wait(execution)
        message = bound.get(no_ack=True)
        envelope = json.loads(message.body)
        bound.delete()
    assert len(envelope.pop("id")) == 36
    assert envelope.pop("time").endswith("Z")
    assert envelope == {
        "version": "0",
        "detail-type": "WorkflowExecutionSucceeded",
        "source": "backend-workflow",
        "account": "000000000000",
        "region": "us-east-1",
        "resources": ["arn:mine", execution.arn, execution.machine_arn],
        "detail": {"status": "COMPLETED"},
    }


@pytest.mark.parametrize("at", ["2024-05-06T09:08:09+02:00", 1_714_979_289])
def test_an_event_has_the_time_that_its_entry_says(local: Platform, at: str | int) -> None:
    with local.app.connection_for_read() as connection:
        make_queue: Any = Queue  # Kombu is typed in part only
        queue = make_queue("times", EXCHANGE, routing_key="backend-workflow.*", exclusive=True)
        bound = queue(connection.default_channel)
        bound.declare()
        entries = [{**EVENT, "Detail": {}, "Time": at}]
        local.run(only(action("events:putEvents", {"Entries": entries})))
        envelope = json.loads(bound.get(no_ack=True).body)
        bound.delete()
    assert envelope["time"] == "2024-05-06T07:08:09Z"


def test_a_time_that_is_none_is_not_taken(local: Platform) -> None:
    entries = [{**EVENT, "Detail": {}, "Time": "noon"}]
    ended = local.run(only(action("events:putEvents", {"Entries": entries})))
    assert ended.error == "EventBridge.FailedEntry"


def test_tasks_that_were_not_started_are_waited_for_by_no_state(local: Platform) -> None:
    answer = {"tasks": [], "failures": [{"reason": "RESOURCE:CPU"}]}
    local.engine.services = replace(
        local.engine.services, local={"ecs": {"runTask": lambda **_: answer}}
    )
    asked = {"TaskDefinition": "t"}
    waiting = local.run(only(action("ecs:runTask.waitForTaskToken", asked)))
    assert waiting.error == "AmazonECS.Unknown"
    requested = local.run(only(action("ecs:runTask", asked)))
    assert requested.output["Failures"] == [{"Reason": "RESOURCE:CPU"}]


@pytest.mark.parametrize(
    ("name", "fields"),
    [("query", {"Limit": 1}), ("getItem", {"Key": KEY, "AttributesToGet": ["status"]})],
)
def test_a_parameter_that_local_tables_do_not_have_is_refused(
    local: Platform, name: str, fields: dict[str, Any]
) -> None:
    ended = local.run(only(action(f"aws-sdk:dynamodb:{name}", {"TableName": TABLE, **fields})))
    assert ended.error == "DynamoDb.DynamoDbException"
    assert "The local DynamoDB does not have the parameter" in (ended.cause or "")


def test_a_number_that_is_none_is_refused(local: Platform) -> None:
    LocalTables(local.engine.database).ensure_table(TABLE, "idempotency_key")
    state = put(
        ConditionExpression="#t < :now",
        ExpressionAttributeNames={"#t": "ttl"},
        ExpressionAttributeValues={":now": {"N": "soon"}},
    )
    local.run(only(put()))
    ended = local.run(only(state))
    assert ended.error == "DynamoDB.AmazonDynamoDBException"
    assert "cannot be converted to a numeric value: soon" in (ended.cause or "")


def test_an_entry_that_is_not_taken_fails_the_state(local: Platform) -> None:
    entries = [{**EVENT, "Detail": {}}, {**EVENT, "Detail": "not JSON"}]
    ended = local.run(only(action("events:putEvents", {"Entries": entries})))
    assert ended.error == "EventBridge.FailedEntry"
    assert json.loads(ended.cause or "")["FailedEntryCount"] == 1
