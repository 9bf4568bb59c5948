"""Histories that LoggingConfiguration has delivered to log groups."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from config.settings import ServiceBackend
from pipeline.executions.express_starts import start_express
from pipeline.executions.history import execution_history
from pipeline.executions.lifecycle import stop_execution
from pipeline.executions.log_delivery import deliver_logs
from pipeline.executions.redriving import redrive
from pipeline.executions.starting import start_machine, start_target
from pipeline.integrations.log_entries import MAX_ENTRY_BYTES
from pipeline.ledger.rows import ExecutionRow
from pipeline.ledger.state_machines import MachineType
from pipeline.state_machines.machines import Configuration, create_state_machine
from tests.machines import call, distributed, each, only
from tests.platforms import Platform, embedded_platform

GROUP = "/aws/vendedlogs/states/"
"""What the names of log groups begin with; the state machine's name follows."""

SUCCEEDED = "ExecutionSucceeded"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    directory = tmp_path_factory.mktemp("logs")
    with embedded_platform(directory, sweep_interval_seconds=0.1) as made:
        yield made


def logged(
    platform: Platform,
    definition: Mapping[str, Any],
    execution_input: Any = None,
    *,
    level: str = "ALL",
    with_data: bool = True,
    wait: bool = True,
) -> ExecutionRow:
    """An execution of a new state machine that logs."""
    execution = start_machine(
        platform.engine,
        created(platform, definition, level=level, with_data=with_data),
        input=execution_input,
    )
    if wait:
        platform.wait(execution)
    return execution


def created(
    platform: Platform,
    definition: Mapping[str, Any],
    *,
    level: str = "ALL",
    with_data: bool = True,
    machine_type: MachineType = MachineType.STANDARD,
) -> str:
    """The ARN of a new state machine that logs."""
    name = f"orders-{uuid4().hex[:8]}"
    group_arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{GROUP}{name}:*"
    row = create_state_machine(
        platform.engine,
        name=name,
        definition=json.dumps(definition),
        machine_type=machine_type,
        configuration=Configuration(
            logging={
                "level": level,
                "includeExecutionData": with_data,
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group_arn}}],
            }
        ),
    )
    return row.arn


def lines(platform: Platform, execution: ExecutionRow) -> list[dict[str, Any]]:
    """The log file of an execution's state machine so far."""
    logs = platform.engine.settings.data_dir / "logs"
    path = logs / f"aws.vendedlogs.states.{execution.machine_name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def whole_log(
    platform: Platform, execution: ExecutionRow, end: str = SUCCEEDED
) -> list[dict[str, Any]]:
    """The log file as soon as an event of this type is in it."""
    platform.until(
        lambda: any(line["type"] == end for line in lines(platform, execution)),
        what=lambda: f"{end} in {[line['type'] for line in lines(platform, execution)]}",
    )
    return lines(platform, execution)


def test_every_event_is_an_entry_in_the_words_of_aws(platform: Platform) -> None:
    execution = logged(platform, only(call("double")), 21)
    log = whole_log(platform, execution)
    history = list(execution_history(platform.engine, execution.id))
    assert [(line["id"], line["type"], line["previous_event_id"]) for line in log] == [
        (str(event["id"]), event["type"], str(event["previousEventId"])) for event in history
    ]
    started = history[0]["timestamp"]
    assert isinstance(started, float)
    assert log[0] == {
        "id": "1",
        "type": "ExecutionStarted",
        "details": {
            "input": "21",
            "inputDetails": {"truncated": False},
            "roleArn": "arn:aws:iam::000000000000:role/statebag",
        },
        "redrive_count": "0",
        "previous_event_id": "0",
        "event_timestamp": str(round(started * 1000)),
        "execution_arn": execution.arn,
    }


def test_without_execution_data_no_input_or_output_is_told(platform: Platform) -> None:
    execution = logged(platform, only(call("double")), 21, with_data=False)
    log = whole_log(platform, execution)
    assert not any({"input", "output"} & set(line["details"]) for line in log)
    assert "roleArn" in log[0]["details"]


@pytest.mark.parametrize(
    ("level", "types"),
    [
        ("ERROR", ["LambdaFunctionFailed", "ExecutionFailed"]),
        ("FATAL", ["ExecutionFailed"]),
    ],
)
def test_a_level_lets_only_its_events_through(
    platform: Platform, level: str, types: list[str]
) -> None:
    execution = logged(platform, only(call("fail")), level=level)
    log = whole_log(platform, execution, "ExecutionFailed")
    assert [line["type"] for line in log] == types


def test_what_happens_before_the_end_is_delivered_before_the_end(platform: Platform) -> None:
    sleeper = only({"Type": "Wait", "Seconds": 3600, "End": True})
    execution = logged(platform, sleeper, wait=False)
    assert len(whole_log(platform, execution, "WaitStateEntered")) == 2
    stop_execution(platform.engine, execution.arn)
    types = [line["type"] for line in whole_log(platform, execution, "ExecutionAborted")]
    assert types[2:] == ["ExecutionAborted"]


def test_child_executions_log_under_their_own_arns(platform: Platform) -> None:
    processor = distributed(call("double"))
    execution = logged(platform, only(each(processor, Label="prices")), [1, 2])
    platform.until(lambda: len(successes(platform, execution)) == 3)
    children = set(successes(platform, execution)) - {execution.arn}
    assert len(children) == 2
    assert all(f":execution:{execution.machine_name}/prices:" in arn for arn in children)


def successes(platform: Platform, execution: ExecutionRow) -> list[str]:
    """The executions whose successes are logged."""
    told = lines(platform, execution)
    return [line["execution_arn"] for line in told if line["type"] == SUCCEEDED]


def test_a_redriven_execution_goes_on_logging(platform: Platform) -> None:
    log = platform.path("log")
    state = call("fail-first")
    execution = logged(platform, only(state), {"log": str(log), "attempts": 2})
    whole_log(platform, execution, "ExecutionFailed")
    platform.until(lambda: not under_way(platform))
    redrive(platform.engine, platform.engine.executions.latest_row(execution.id))
    platform.wait(execution)
    told = whole_log(platform, execution)
    assert [line["id"] for line in told] == [str(number) for number in range(1, len(told) + 1)]
    assert told[-1]["redrive_count"] == "1"


def under_way(platform: Platform) -> int:
    """How many deliveries the ledger still keeps."""
    with platform.engine.database.reading() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM log_deliveries").scalar_one()


def test_nothing_is_left_of_what_was_delivered(platform: Platform) -> None:
    execution = logged(platform, only(call("double")), 21)
    whole_log(platform, execution)
    platform.until(lambda: not under_way(platform))


def test_an_express_execution_logs_when_it_has_ended(platform: Platform) -> None:
    arn = created(platform, only(call("double")), machine_type=MachineType.EXPRESS)
    execution = start_express(platform.engine, start_target(platform.engine, arn).execution(21))
    log = whole_log(platform, execution)
    assert [line["id"] for line in log] == [str(number) for number in range(1, len(log) + 1)]
    assert {line["execution_arn"] for line in log} == {execution.arn}


def test_data_that_is_too_long_for_an_entry_is_cut(platform: Platform) -> None:
    execution = logged(platform, only({"Type": "Succeed"}), "\\" * 120_000)
    (started, *_) = whole_log(platform, execution)
    assert len(json.dumps(started)) <= MAX_ENTRY_BYTES
    assert started["details"]["inputDetails"] == {"truncated": True}
    assert started["details"]["input"].startswith('"\\\\')


@pytest.fixture
def cloudwatch(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the server that stands for CloudWatch Logs."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return boto3.client("logs", region_name="us-east-1")


def messages(client: Any, execution: ExecutionRow) -> list[dict[str, Any]]:
    """What the log group of an execution's state machine holds."""
    found = client.filter_log_events(logGroupName=GROUP + execution.machine_name)["events"]
    return [json.loads(event["message"]) for event in found]


def test_cloudwatch_gets_them_once_the_group_is_there(tmp_path: Path, cloudwatch: Any) -> None:
    settings: dict[str, Any] = {"sweep_interval_seconds": 0.1, "redelivery_seconds": 0.2}
    with embedded_platform(tmp_path, logs=ServiceBackend.AWS, **settings) as platform:
        execution = logged(platform, only(call("double")), 21)
        deliver_logs(platform.engine)  # in vain, which costs the execution nothing
        assert platform.wait(execution).output == 42
        group = GROUP + execution.machine_name
        cloudwatch.create_log_group(logGroupName=group)
        platform.until(
            lambda: any(told["type"] == SUCCEEDED for told in messages(cloudwatch, execution))
        )
    ids = [int(told["id"]) for told in messages(cloudwatch, execution)]
    assert sorted(ids) == list(range(1, len(ids) + 1))
    (stream,) = cloudwatch.describe_log_streams(logGroupName=group)["logStreams"]
    assert stream["logStreamName"].startswith(f"states/{execution.machine_name}/")
