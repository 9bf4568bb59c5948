"""AWS services, logs and redrives in server mode: two prefork workers, RabbitMQ, PostgreSQL."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from config.settings import ServiceBackend
from pipeline.executions.lifecycle import find_execution
from pipeline.executions.redriving import redrive
from pipeline.executions.starting import start_machine
from pipeline.ledger.rows import ExecutionRow
from pipeline.state_machines.machines import Configuration, create_state_machine
from tests.machines import call, distributed, each, only, side_by_side
from tests.platforms import Platform, server_platform
from tests.server_processes import own_services

pytestmark = pytest.mark.slow

ITEMS = 40
PROMPT: dict[str, Any] = {
    "sweep_interval_seconds": 0.25,
    "heartbeat_interval_seconds": 0.5,
    "worker_stale_seconds": 2,
    "redelivery_seconds": 3,
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, s3_server: str) -> Iterator[Platform]:
    """StateBag whose AWS services are all at one server."""
    directory = tmp_path_factory.mktemp("servers")
    with own_services(s3_server) as services, pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", s3_server)
        with server_platform(directory, services, logs=ServiceBackend.AWS, **PROMPT) as made:
            yield made


def sdk(action: str, parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A Task state that calls an action by its SDK name."""
    end = {} if "Next" in fields else {"End": True}
    resource = f"arn:aws:states:::aws-sdk:{action}"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, **fields, **end}


def test_actions_of_services_are_called_by_workers(platform: Platform) -> None:
    name = f"/{uuid4().hex}"
    put = {"Name": name, "Value.$": "States.Format('{}', $)", "Type": "String", "Overwrite": True}
    states = {
        "Put": sdk("ssm:putParameter", put, ResultPath=None, Next="Get"),
        "Get": sdk("ssm:getParameter", {"Name": name}, OutputPath="$.Parameter.Value"),
    }
    assert platform.run({"StartAt": "Put", "States": states}, 7).output == "7"


def test_many_iterations_call_them_at_once(platform: Platform) -> None:
    queue = (
        boto3.session.Session()
        .client("sqs")
        .create_queue(QueueName=f"items-{uuid4().hex[:8]}")["QueueUrl"]
    )
    send = {"QueueUrl": queue, "MessageBody.$": "States.Format('{}', $)"}
    state = sdk("sqs:sendMessage", send, ResultSelector={"id.$": "$.MessageId"})
    ended = platform.run(only(each(only(state), MaxConcurrency=8)), list(range(ITEMS)))
    assert len({message["id"] for message in ended.output}) == ITEMS
    count = (
        boto3.session.Session()
        .client("sqs")
        .get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    )
    assert count["Attributes"] == {"ApproximateNumberOfMessages": str(ITEMS)}


def test_the_error_of_a_service_is_caught(platform: Platform) -> None:
    catch = [{"ErrorEquals": ["Ssm.ParameterNotFoundException"], "Next": "Caught"}]
    states = {
        "Get": sdk("ssm:getParameter", {"Name": f"/{uuid4().hex}"}, Catch=catch),
        "Caught": {"Type": "Pass", "Result": "caught", "End": True},
    }
    assert platform.run({"StartAt": "Get", "States": states}).output == "caught"


def test_a_history_is_delivered_to_its_log_group(platform: Platform) -> None:
    client = boto3.session.Session().client("logs")
    execution = logged(platform, client, only(each(only(call("double")))), [1, 2, 3])
    assert platform.wait(execution).output == [2, 4, 6]
    told = entries(platform, client, execution, "ExecutionSucceeded")
    assert [entry["type"] for entry in told] == platform.types(execution)
    assert [int(entry["id"]) for entry in told] == list(range(1, len(told) + 1))


def test_a_redriven_execution_goes_on_logging(platform: Platform) -> None:
    client, given = boto3.session.Session().client("logs"), attempts(platform, 2)
    execution = logged(platform, client, only(call("fail-first")), given)
    entries(platform, client, execution, "ExecutionFailed")
    redrive(platform.engine, find_execution(platform.engine, execution.arn))
    assert platform.wait(execution).output == 2
    told = entries(platform, client, execution, "ExecutionSucceeded")
    assert [entry["type"] for entry in told] == platform.types(execution)
    assert told[-1]["redrive_count"] == "1"


def test_all_that_failed_is_redriven_although_workers_die(platform: Platform) -> None:
    bad, good = attempts(platform, 2), attempts(platform, 1)
    log = platform.path("work")
    works = call("work", Parameters={"log": str(log), "item.$": "$"})
    states = {
        "Fails": call("fail-first", ResultPath=None, Next="Work"),
        "Work": each(only(works), ItemsPath="$.items", MaxConcurrency=4),
    }
    processor = distributed(states["Fails"]) | {"StartAt": "Fails", "States": states}
    machine = only(side_by_side(only(each(processor)), only(call("double", InputPath="$[0].n"))))
    items = {"items": list(range(ITEMS)), "n": 21}
    execution = platform.start(machine, [bad | items, good | items])
    assert platform.wait(execution).status == "FAILED"
    redrive(platform.engine, find_execution(platform.engine, execution.arn))
    platform.until(log.exists)
    assert platform.processes is not None
    platform.processes.workers[0].kill_children()
    ended = platform.wait(execution, seconds=90)
    squares = [item**2 for item in range(ITEMS)]
    assert (ended.status, ended.output) == ("SUCCEEDED", [[squares, squares], 42])
    types = Counter(platform.types(execution))
    assert types["ExecutionRedriven"] == types["MapRunRedriven"] == types["MapRunSucceeded"] == 1


def attempts(platform: Platform, wanted: int) -> dict[str, Any]:
    """Input with which ``fail-first`` fails but the last of so many times."""
    return {"log": str(platform.path("log")), "attempts": wanted}


def logged(platform: Platform, client: Any, definition: dict[str, Any], given: Any) -> ExecutionRow:
    """An execution of a new state machine that logs to a new log group."""
    name = f"orders-{uuid4().hex[:8]}"
    client.create_log_group(logGroupName=name)
    group_arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{name}:*"
    row = create_state_machine(
        platform.engine,
        name=name,
        definition=json.dumps(definition),
        configuration=Configuration(
            logging={
                "level": "ALL",
                "includeExecutionData": True,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group_arn}}],
            }
        ),
    )
    return start_machine(platform.engine, row.arn, input=given)


def entries(
    platform: Platform, client: Any, execution: ExecutionRow, last: str
) -> list[dict[str, Any]]:
    """What a log group holds in order of the events, as soon as one of this type is there."""
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        pages = client.get_paginator("filter_log_events").paginate(
            logGroupName=execution.machine_name
        )
        found[:] = [json.loads(event["message"]) for page in pages for event in page["events"]]
        return any(entry["type"] == last for entry in found)

    platform.until(is_there)
    return sorted(found, key=lambda entry: int(entry["id"]))
