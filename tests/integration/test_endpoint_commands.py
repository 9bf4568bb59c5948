"""The commands that speak to an endpoint, against a ``statebag dev`` in a process of its own."""

import json
import signal
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest

from pipeline.api.access_keys import load_access_keys
from tests.integration.command_line import TIMEOUT, CommandLine, command_line, until

FUNCTIONS = """
[functions.later]
provider = "python"
handler = "desk:later"

[functions.ask]
provider = "python"
handler = "desk:ask"
"""

HANDLERS = """
from pathlib import Path


def later(event, context):
    if not Path("ready").exists():
        raise RuntimeError("not yet")
    return "done"


def ask(event, context):
    part = Path(event["name"] + ".part")
    part.write_text(event["token"])
    part.rename(event["name"])
"""

LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:"
INVOKE_AND_WAIT = "arn:aws:states:::lambda:invoke.waitForTaskToken"


def machine(**state: Any) -> str:
    return json.dumps({"StartAt": "S", "States": {"S": {"End": True, **state}}})


PASSES = machine(Type="Pass")
LATER = machine(Type="Task", Resource=f"{LAMBDA}later")
WAITS = machine(Type="Wait", Seconds=3600)
ASKS = machine(
    Type="Task",
    Resource=INVOKE_AND_WAIT,
    Parameters={
        "FunctionName": "ask",
        "Payload": {"token.$": "$$.Task.Token", "name.$": "$$.Execution.Name"},
    },
)


@pytest.fixture(scope="module")
def statebag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """The command line, with the endpoint's URL in its environment and state machines there."""
    made = command_line(tmp_path_factory.mktemp("commands"))
    with (made.directory / "functions.toml").open("a") as functions:
        functions.write(FUNCTIONS)
    (made.directory / "desk.py").write_text(HANDLERS)
    with made.dev() as (process, url):
        made.environment["AWS_ENDPOINT_URL_SFN"] = url
        create_machines(made, url)
        yield made
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=TIMEOUT) == 0


def create_machines(statebag: CommandLine, url: str) -> None:
    (key,) = load_access_keys(statebag.directory / ".statebag" / "access_keys.toml").values()
    client = boto3.client(
        "stepfunctions",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
    )
    definitions = {"passes": PASSES, "later": LATER, "waits": WAITS, "asks": ASKS}
    types = dict.fromkeys(definitions, "STANDARD") | {"quick": "EXPRESS"}
    for name, type_ in types.items():
        client.create_state_machine(
            name=name,
            type=type_,
            definition=definitions.get(name, PASSES),
            roleArn="arn:aws:iam::000000000000:role/r",
        )


def test_start_tells_the_arn_and_describe_the_execution(statebag: CommandLine) -> None:
    done = statebag("start", "passes", "--name", "one", "--input", '"π"')
    arn = "arn:aws:states:us-east-1:000000000000:execution:passes:one"
    assert (done.returncode, done.stdout) == (0, f"{arn}\n")
    described = json.loads(statebag("describe", "one", "--follow", "--json").stdout)
    assert (described["executionArn"], described["output"]) == (arn, '"π"')


def test_following_prints_the_output_alone_to_standard_output(statebag: CommandLine) -> None:
    done = statebag("start", "passes", "--input", "file://functions.json", "--follow")
    assert done.returncode == 2
    assert "functions.json cannot be read" in done.stderr
    done = statebag("start", "passes", "--input", '{"a": 1}', "--follow")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"a": 1}
    assert "PassStateEntered" in done.stderr


def test_an_express_execution_is_followed_by_waiting_for_its_answer(statebag: CommandLine) -> None:
    done = statebag("start", "quick", "--input", "[1]", "--follow")
    assert (done.returncode, json.loads(done.stdout)) == (0, [1])
    answer = json.loads(statebag("start", "quick", "--follow", "--json").stdout)
    assert answer["status"] == "SUCCEEDED"
    assert ":express:quick:" in answer["executionArn"]


def test_list_leaves_out_express_executions_which_are_not_kept(statebag: CommandLine) -> None:
    assert statebag("start", "quick", "--name", "gone").returncode == 0
    assert statebag("start", "passes", "--name", "kept", "--follow").returncode == 0
    done = statebag("list")
    assert done.returncode == 0
    assert "kept" in done.stdout
    assert "There is no execution gone" in statebag("describe", "gone").stderr


def test_a_failed_execution_is_followed_to_its_error_and_redriven(statebag: CommandLine) -> None:
    failed = statebag("start", "later", "--name", "late", "--follow")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "FAILED" in failed.stderr
    assert "not yet" in failed.stderr
    (statebag.directory / "ready").touch()
    redriven = statebag("redrive", "late", "--follow")
    assert (redriven.returncode, json.loads(redriven.stdout)) == (0, "done")
    again = statebag("redrive", "late")
    assert again.returncode == 2
    assert "ExecutionNotRedrivable" in again.stderr


def test_a_task_token_is_answered_with_a_result_or_an_error(statebag: CommandLine) -> None:
    for name in ("yes", "no"):
        statebag("start", "asks", "--name", name)
        until((statebag.directory / name).exists)
    yes, no = ((statebag.directory / name).read_text() for name in ("yes", "no"))
    assert statebag("send-success", yes, "--output", "[1]").returncode == 0
    failure = ["--error", "Refused", "--cause", "No tea"]
    assert statebag("send-failure", no, *failure).returncode == 0
    assert json.loads(statebag("describe", "yes", "--follow").stdout) == [1]
    refused = statebag("describe", "no", "--follow")
    assert refused.returncode == 1
    assert "Error: Refused" in refused.stderr
    assert "TaskTimedOut" in statebag("send-success", yes).stderr


def test_history_follows_until_the_execution_ends(statebag: CommandLine) -> None:
    assert statebag("start", "waits", "--name", "long").returncode == 0
    with statebag.started("history", "long", "--follow") as following:
        until(lambda: "WaitStateEntered" in statebag.log("history"))
        assert statebag("stop", "long").returncode == 0
        assert following.wait(timeout=TIMEOUT) == 0
    lines = statebag.log("history").splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["1", "ExecutionStarted"],
        ["2", "WaitStateEntered"],
        ["3", "ExecutionAborted"],
    ]


def test_a_key_for_aws_does_not_come_before_that_of_the_endpoint_here(
    statebag: CommandLine,
) -> None:
    files = {"credentials": "aws_access_key_id = AKIA\naws_secret_access_key = s"}
    files["config"] = "region = eu-west-1"
    for name, text in files.items():
        (statebag.directory / name).write_text(f"[default]\n{text}\n")
    done = statebag(
        "start", "passes", "--name", "signed",
        AWS_SHARED_CREDENTIALS_FILE="credentials", AWS_CONFIG_FILE="config",
    )  # fmt: skip
    assert ":us-east-1:" in done.stdout, done.stderr
    refused = statebag("list", AWS_ACCESS_KEY_ID="AKIA", AWS_SECRET_ACCESS_KEY="s")
    assert refused.returncode == 2
    assert "UnrecognizedClientException" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "--endpoint", "nowhere"], "'nowhere' is not the URL of an endpoint"),
        (["list", "--endpoint", "http://127.0.0.1:1"], "The endpoint cannot be used: Could not"),
        (["list", "none"], "There is no state machine none"),
        (["list", "--status", "ASLEEP"], "ValidationException"),
        (["start", "passes", "--name", ""], "Invalid length for parameter name"),
        (["describe", "arn:aws:states"], "InvalidArn"),
        (["send-success", "no-token"], "InvalidToken"),
    ],
)
def test_what_the_endpoint_cannot_do_is_said_and_exits_with_2(
    statebag: CommandLine, arguments: list[str], said: str
) -> None:
    done = statebag(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_server_that_is_no_endpoint_is_named_so(statebag: CommandLine) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        done = statebag("list", "--endpoint", url, AWS_MAX_ATTEMPTS="1")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert done.returncode == 2
    assert "not the endpoint: it answers with HTTP status 501" in done.stderr
