"""The real ``aws`` command against a real ``statebag dev``, signed with the key it printed."""

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from config.asl.state_machine_files import V3_STANDARD, read_definition
from config.local_deployment import local_deployment
from config.settings import Settings
from tests.acceptance.workflows import chain14
from tests.integration.command_line import TIMEOUT, CommandLine, command_line, until
from tests.integration.warm_commands import WarmCommands

ROLE = "arn:aws:iam::000000000000:role/statebag"
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
FAILS_AT_FIRST = {
    "StartAt": "T",
    "States": {
        "T": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:000000000000:function:later",
            "End": True,
        }
    },
}


LATER = """
from importlib.util import find_spec
from pathlib import Path


def handler(event, context):
    if not Path("ready").exists():
        raise RuntimeError("not yet")
    return "done"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aws:
    """The aws command with the endpoint, the key and the region of a ``statebag dev``."""

    directory: Path
    environment: dict[str, str]
    commands: WarmCommands

    def __call__(self, action: str, *arguments: str) -> Any:
        command = ["stepfunctions", action, *arguments]
        done = self.commands.run(command, self.directory, self.environment, stdin="")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def created(self, name: str, definition: Any) -> str:
        """The ARN of a new state machine."""
        file = self.directory / f"{name}.json"
        file.write_text(definition if isinstance(definition, str) else json.dumps(definition))
        made = self(
            "create-state-machine", "--name", name, "--role-arn", ROLE,
            "--definition", f"file://{file.name}",
        )  # fmt: skip
        return str(made["stateMachineArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        """What describe-execution tells at the end."""
        described: dict[str, Any] = {}

        def has_ended() -> bool:
            described.update(self("describe-execution", "--execution-arn", execution))
            return bool(described["status"] != "RUNNING")

        until(has_ended)
        return described


@pytest.fixture(scope="module")
def statebag(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    made = command_line(tmp_path_factory.mktemp("aws-cli"))
    shipped = (Path(__file__).parents[2] / "config/functions.toml").read_text()
    own = (made.directory / "functions.toml").read_text()
    later = '[functions.later]\nprovider = "python"\nhandler = "later:handler"\n'
    (made.directory / "functions.toml").write_text(f"{shipped}\n{own}\n{later}")
    (made.directory / "later.py").write_text(LATER)
    return made


@pytest.fixture(scope="module")
def aws(statebag: CommandLine) -> Iterator[Aws]:
    with statebag.dev() as (process, url):
        log = statebag.log("dev")
        environment = {name: text for name, text in os.environ.items() if name[:4] != "AWS_"} | {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": re.findall(r"aws_access_key_id (\S+)", log)[0],
            "AWS_SECRET_ACCESS_KEY": re.findall(r"aws_secret_access_key (\S+)", log)[0],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DATA_PATH": _data_path(),
        }
        with closing(WarmCommands("aws", "awscli.clidriver:main", environment)) as commands:
            yield Aws(directory=statebag.directory, environment=environment, commands=commands)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=TIMEOUT) == 0


def _data_path() -> str:
    """Where the command finds its data; it sets the variable only while it is imported."""
    found = find_spec("awscli")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).with_name("data"))


def test_the_v3_machine_is_created_started_described_and_told(aws: Aws) -> None:
    settings = Settings(data_dir=aws.directory / ".statebag")
    machine = aws.created(
        "v3", read_definition(V3_STANDARD, local_deployment(settings).substitutions())
    )
    given = {"ownerId": "cli", "workflowId": "chain", "MOCK_MODE": "true"}
    (aws.directory / "input.json").write_text(json.dumps(given | {"workflow_config": chain14()}))
    started = aws("start-execution", "--state-machine-arn", machine, "--input", "file://input.json")
    ended = aws.ended(started["executionArn"])
    assert ended["status"] == "SUCCEEDED", ended
    history = aws("get-execution-history", "--execution-arn", started["executionArn"])["events"]
    assert [event["id"] for event in history] == list(range(1, len(history) + 1))
    assert history[-1]["type"] == "ExecutionSucceeded"


def test_a_canary_is_a_weighted_alias(aws: Aws) -> None:
    machine = aws.created("canary", WAIT)
    versions = [aws("publish-state-machine-version", "--state-machine-arn", machine)]
    changed = json.dumps({**WAIT, "Comment": "the next one"})
    aws("update-state-machine", "--state-machine-arn", machine, "--definition", changed)
    versions.append(aws("publish-state-machine-version", "--state-machine-arn", machine))
    first, second = (version["stateMachineVersionArn"] for version in versions)
    listed = aws("list-state-machine-versions", "--state-machine-arn", machine)
    assert len(listed["stateMachineVersions"]) == 2
    alias = aws(
        "create-state-machine-alias", "--name", "live", "--routing-configuration",
        f"stateMachineVersionArn={first},weight=90", f"stateMachineVersionArn={second},weight=10",
    )["stateMachineAliasArn"]  # fmt: skip
    started = aws("start-execution", "--state-machine-arn", alias)["executionArn"]
    described = aws("describe-execution", "--execution-arn", started)
    assert described["stateMachineAliasArn"] == alias
    assert described["stateMachineVersionArn"] in (first, second)
    aws("stop-execution", "--execution-arn", started, "--error", "Enough", "--cause", "seen")
    stopped = aws.ended(started)
    assert (stopped["status"], stopped["error"]) == ("ABORTED", "Enough")
    aws(
        "update-state-machine-alias", "--state-machine-alias-arn", alias,
        "--routing-configuration", f"stateMachineVersionArn={first},weight=100",
    )  # fmt: skip
    back = aws("start-execution", "--state-machine-arn", alias)["executionArn"]
    rolled_back = aws("describe-execution", "--execution-arn", back)
    assert rolled_back["stateMachineVersionArn"] == first
    aws("stop-execution", "--execution-arn", back)


def test_a_failed_execution_is_redriven(aws: Aws) -> None:
    machine = aws.created("failing", FAILS_AT_FIRST)
    started = aws("start-execution", "--state-machine-arn", machine)["executionArn"]
    assert aws.ended(started)["status"] == "FAILED"
    (aws.directory / "ready").touch()
    aws("redrive-execution", "--execution-arn", started)
    again = aws.ended(started)
    assert (again["status"], again["output"], again["redriveCount"]) == ("SUCCEEDED", '"done"', 1)
