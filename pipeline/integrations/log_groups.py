"""The targets of executions' logs: log groups of CloudWatch Logs, or files.

``AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`` names a server that replaces CloudWatch Logs.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import boto3.session
from botocore.config import Config

from config.settings import ServiceBackend, Settings
from pipeline.integrations.arns import Arn
from pipeline.integrations.log_entries import LogEntry

_MAX_ENTRIES = 10_000
_MAX_BYTES = 1_048_576
_BYTES_BESIDE = 26
"""The bytes that CloudWatch Logs counts for an entry in addition to its text."""
_MAX_SPAN_MILLISECONDS = 24 * 3_600_000

_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard"})


class LogGroups(Protocol):
    """A target of log entries."""

    def put(self, group_arn: str, stream: str, entries: Sequence[LogEntry]) -> None:
        """Append entries to a stream of a group.

        Raises:
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, OSError: The target
                cannot take them now.
        """


def open_log_groups(settings: Settings) -> LogGroups:
    """The target that the settings name."""
    if settings.logs is ServiceBackend.LOCAL:
        return LogFiles(settings.data_dir / "logs")
    return CloudWatchLogs()


class LogFiles:
    """A file of JSON Lines for each log group."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, group_arn: str, stream: str, entries: Sequence[LogEntry]) -> None:
        """Append entries to the file of a group, whatever the stream."""
        self._directory.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{entry.message}\n" for entry in entries)
        with self.path(group_arn).open("a", encoding="utf-8") as file:
            file.write(lines)

    def path(self, group_arn: str) -> Path:
        """The file of a group: its name, with dots for slashes."""
        name = group_name(group_arn).strip("/").replace("/", ".")
        return self._directory / f"{name}.jsonl"


class CloudWatchLogs:
    """CloudWatch Logs by boto3. The groups must exist; missing streams are created."""

    def put(self, group_arn: str, stream: str, entries: Sequence[LogEntry]) -> None:
        """Append entries to a stream of a group, sorted by time, as CloudWatch Logs requires."""
        client = _client(os.getpid(), Arn.parse(group_arn).region, _endpoint())
        target = {"logGroupName": group_name(group_arn), "logStreamName": stream}
        with suppress(client.exceptions.ResourceAlreadyExistsException):  # of an earlier delivery
            client.create_log_stream(**target)
        for some in _portions(sorted(entries, key=lambda entry: entry.timestamp)):
            client.put_log_events(
                **target,
                logEvents=[
                    {"timestamp": entry.timestamp, "message": entry.message} for entry in some
                ],
            )


def group_name(group_arn: str) -> str:
    """The name of a log group in its ARN, which ends in ``:*``."""
    return Arn.parse(group_arn).resource_name.removesuffix(":*")


def _portions(entries: Sequence[LogEntry]) -> Iterator[list[LogEntry]]:
    """The entries in portions, each as large as one request allows."""
    portion: list[LogEntry] = []
    size = 0
    for entry in entries:
        more = len(entry.message.encode()) + _BYTES_BESIDE
        spans = portion and entry.timestamp - portion[0].timestamp >= _MAX_SPAN_MILLISECONDS
        if portion and (size + more > _MAX_BYTES or len(portion) == _MAX_ENTRIES or spans):
            yield portion
            portion, size = [], 0
        portion.append(entry)
        size += more
    if portion:
        yield portion


def _endpoint() -> str | None:
    return os.environ.get("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS") or os.environ.get("AWS_ENDPOINT_URL")


@lru_cache(maxsize=16)
def _client(_process: int, region: str, _endpoint: str | None) -> Any:
    return boto3.session.Session().client("logs", region_name=region, config=_CONFIG)
