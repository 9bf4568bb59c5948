"""Two ``statebag api`` processes on one PostgreSQL give one truth."""

import base64
import json
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from pipeline.api.access_keys import AccessKey, generate_access_key
from tests.integration.command_line import TIMEOUT, CommandLine, command_line, until
from tests.integration.warm_commands import StartedCommand
from tests.machines import distributed, each, only
from tests.server_processes import own_services

ROLE = "arn:aws:iam::111122223333:role/r"
MAP = json.dumps(only(each(distributed({"Type": "Pass", "End": True}))))
PASS = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory, s3_server: str) -> Iterator[list[Any]]:
    """A client of each."""
    directory = tmp_path_factory.mktemp("endpoints")
    key = generate_access_key(directory / "keys.toml", "111122223333")
    with own_services(s3_server) as services, ExitStack() as stack:
        settings = {
            "STATEBAG_BROKER_URL": services.broker_url,
            "STATEBAG_RESULT_BACKEND": services.result_backend,
            "STATEBAG_LEDGER_URL": services.ledger_url,
            "STATEBAG_OBJECT_STORE": services.object_store,
            "STATEBAG_ACCESS_KEYS_FILE": str(directory / "keys.toml"),
        }
        processes = [_started(stack, directory / name, settings) for name in ("one", "two")]
        yield [_client(_url(*process), key) for process in processes]
        for _, process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(timeout=TIMEOUT) for _, process in processes] == [0, 0]


def _started(
    stack: ExitStack, directory: Path, settings: dict[str, str]
) -> tuple[CommandLine, StartedCommand]:
    directory.mkdir()
    statebag = command_line(directory)
    statebag.environment.update(settings)
    return statebag, stack.enter_context(statebag.started("api", "--port", "0"))


def _url(statebag: CommandLine, process: StartedCommand) -> str:
    def said() -> re.Match[str] | None:
        assert process.poll() is None, statebag.log("api")
        return re.search(r"The endpoint is (http://[^\s,;]+)", statebag.log("api"))

    until(lambda: said() is not None)
    found = said()
    assert found is not None
    return found[1]


def _client(url: str, key: AccessKey) -> Any:
    return boto3.client(
        "stepfunctions",
        endpoint_url=url,
        region_name="eu-central-1",
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=20),
    )


def test_what_one_endpoint_makes_the_other_has(endpoints: list[Any]) -> None:
    one, two = endpoints
    made = one.create_state_machine(name="shared", definition=PASS, roleArn=ROLE)
    arn = made["stateMachineArn"]
    assert arn == "arn:aws:states:eu-central-1:111122223333:stateMachine:shared"
    assert two.describe_state_machine(stateMachineArn=arn)["definition"] == PASS
    started = two.start_execution(stateMachineArn=arn, input='"tea"')
    ended = one.describe_execution(executionArn=started["executionArn"])
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", '"tea"')
    changed = json.dumps(json.loads(PASS) | {"Comment": "new"})
    two.update_state_machine(stateMachineArn=arn, definition=changed)
    assert one.describe_state_machine(stateMachineArn=arn)["definition"] == changed


def test_a_page_of_one_endpoint_is_continued_by_the_other(endpoints: list[Any]) -> None:
    one, two = endpoints
    names = {f"page{number}" for number in range(3)}
    for name in names:
        one.create_activity(name=name)
    first = one.list_activities(maxResults=2)
    rest = two.list_activities(nextToken=first["nextToken"])
    assert {row["name"] for row in first["activities"] + rest["activities"]} == names


def test_what_postgresql_cannot_store_or_look_for_is_no_fault(endpoints: list[Any]) -> None:
    token = base64.urlsafe_b64encode(b"\x00:secret").decode()
    with pytest.raises(endpoints[0].exceptions.InvalidToken):
        endpoints[0].send_task_success(taskToken=token, output="1")


def test_a_map_run_may_tolerate_any_number_of_failures(endpoints: list[Any]) -> None:
    one, two = endpoints
    machine = one.create_state_machine(name="mapped", definition=MAP, roleArn=ROLE)
    started = one.start_execution(stateMachineArn=machine["stateMachineArn"], input="[1]")
    (run,) = two.list_map_runs(executionArn=started["executionArn"])["mapRuns"]
    two.update_map_run(mapRunArn=run["mapRunArn"], toleratedFailureCount=2**62)
    described = one.describe_map_run(mapRunArn=run["mapRunArn"])
    assert described["toleratedFailureCount"] == 2**62


def test_the_same_start_at_both_at_once_is_one_execution(endpoints: list[Any]) -> None:
    machine = endpoints[0].create_state_machine(
        name="raced",
        definition=json.dumps(
            {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
        ),
        roleArn=ROLE,
    )

    def start(number: int) -> tuple[str, float]:
        started = endpoints[number % 2].start_execution(
            stateMachineArn=machine["stateMachineArn"], name="one", input="{}"
        )
        return started["executionArn"], started["startDate"].timestamp()

    with ThreadPoolExecutor(8) as clients:
        assert len(set(clients.map(start, range(16)))) == 1
    listed = endpoints[1].list_executions(stateMachineArn=machine["stateMachineArn"])
    assert [row["name"] for row in listed["executions"]] == ["one"]
