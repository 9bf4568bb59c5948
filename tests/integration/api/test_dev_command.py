"""``statebag dev`` and ``statebag api`` in processes of their own."""

import json
import re
import signal
import socket
import stat
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from tests.integration.command_line import TIMEOUT, CommandLine, command_line, until

PASS = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})

WAITS = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}})


@pytest.fixture
def statebag(tmp_path: Path) -> CommandLine:
    return command_line(tmp_path)


def client(url: str, access_key_id: str, secret: str) -> Any:
    return boto3.client(
        "stepfunctions",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret,
        config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}),
    )


def printed(statebag: CommandLine, name: str) -> str:
    found = re.search(rf"aws configure set {name} (\S+) --profile statebag", statebag.log("dev"))
    assert found is not None
    return found[1]


def test_dev_prints_a_key_pair_once_that_its_endpoint_takes(statebag: CommandLine) -> None:
    with statebag.dev() as (process, url):
        assert url.startswith("http://127.0.0.1:")
        pair = printed(statebag, "aws_access_key_id"), printed(statebag, "aws_secret_access_key")
        states = client(url, *pair)
        made = states.create_state_machine(
            name="m", definition=PASS, roleArn="arn:aws:iam::000000000000:role/r"
        )
        started = states.start_execution(stateMachineArn=made["stateMachineArn"], input='"tea"')
        arn = started["executionArn"]
        until(lambda: states.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
        assert httpx.post(url).status_code == 400
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=TIMEOUT) == 0
    keys = statebag.directory / ".statebag" / "access_keys.toml"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    with statebag.dev() as (process, url):
        states = client(url, *pair)
        assert states.describe_execution(executionArn=arn)["output"] == '"tea"'
        assert pair[1] not in statebag.log("dev")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=TIMEOUT) == 0


def test_the_printed_link_opens_the_console_and_an_open_page_delays_no_stop(
    statebag: CommandLine,
) -> None:
    with statebag.dev() as (process, url):
        until(lambda: "works once" in statebag.log("dev"))
        (token,) = re.findall(r"token=([\w-]+)", "".join(statebag.log("dev").split()))
        with httpx.Client(base_url=url, follow_redirects=True) as browser:
            entered = browser.get("/", params={"token": token}, headers={"Accept": "text/html"})
            assert entered.url.path == "/console/sign-in"
            page = browser.get("/console/sign-in", params={"token": token})
            assert page.url.path == "/console/machines"
            with browser.stream("GET", "/console/updates") as stream:
                assert next(stream.iter_lines()).startswith("retry")
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=TIMEOUT) == 0
    assert '"action": "SignIn"' in statebag.log("dev")


def test_insecure_is_said_in_the_log_and_makes_no_key(statebag: CommandLine) -> None:
    with statebag.dev("--insecure") as (_, url):
        states = client(url, "111122223333", "any")
        made = states.create_activity(name="a")
        assert made["activityArn"] == "arn:aws:states:us-east-1:111122223333:activity:a"
        assert "INSECURE" in statebag.log("dev")
    assert not (statebag.directory / ".statebag" / "access_keys.toml").exists()


def test_the_log_tells_of_requests_and_calls_but_not_of_each_sweep(statebag: CommandLine) -> None:
    with statebag.dev("--insecure") as (_, url):
        states = client(url, "111122223333", "any")
        made = states.create_state_machine(
            name="m", definition=WAITS, roleArn="arn:aws:iam::111122223333:role/r"
        )
        arn = states.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
        # Sweeps end the wait.
        until(lambda: states.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
    log = statebag.log("dev")
    assert "StartExecution 200" in log
    assert "Task statebag.advance" in log
    assert "statebag.sweep" not in log


def test_a_port_that_is_taken_is_named(statebag: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = statebag("dev", "--insecure", "--port", port)
    assert done.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr


def test_api_is_for_server_mode_and_dev_for_embedded_mode(statebag: CommandLine) -> None:
    done = statebag("api")
    assert done.returncode == 2
    assert "statebag dev" in done.stderr
    server = {
        "STATEBAG_BROKER_URL": "amqp://guest:guest@127.0.0.1:1//",
        "STATEBAG_RESULT_BACKEND": "redis://127.0.0.1:1/0",
    }
    done = statebag("dev", **server)
    assert done.returncode == 2
    assert "statebag api" in done.stderr


def test_api_does_not_start_without_access_keys(statebag: CommandLine) -> None:
    done = statebag(
        "api",
        STATEBAG_BROKER_URL="amqp://guest:guest@127.0.0.1:1//",
        STATEBAG_RESULT_BACKEND="redis://127.0.0.1:1/0",
    )
    assert done.returncode == 2
    assert "access_keys.toml cannot be used" in done.stderr
