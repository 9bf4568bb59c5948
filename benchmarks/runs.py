"""Executions of both generations of the Smart StateBag, and what is measured of each."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.counting_store import counting_bucket
from benchmarks.s3_process import s3_process
from config.local_deployment import DEFAULT_BUCKET
from pipeline.executions.lifecycle import find_execution
from tasks.smart_statebag.bag.history import entry_key
from tasks.smart_statebag.bag.keys import ROOT, encode_part
from tasks.smart_statebag.bag.state_bucket import state_storage
from tests.acceptance.recorded import Recorded
from tests.acceptance.smart_statebag import OWNER, SmartStateBag, embedded_statebag

GENERATIONS = {"legacy": "A", "v3": "C"}
"""The standard machine of each, by its letter in the contract."""


class ExecutionFailed(Exception):
    """An execution that was to be measured did not succeed."""

    def __init__(self, arn: str, status: str, cause: str | None) -> None:
        super().__init__(arn, status, cause)
        self.arn = arn
        self.status = status
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.arn} ended as {self.status}: {self.cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What is measured of one execution.

    Attributes:
        seconds: From its start to its stop.
        gets: GET requests to the state bucket.
        history_bytes: UTF-8 bytes of all history events that carry data.
        duplicates: Log entries of the complete history whose key stood there before.
        calls: Calls of functions and services by Task states.
    """

    seconds: float
    gets: int
    history_bytes: int
    duplicates: int
    calls: int


RunWorkflow = Callable[[str, Any], Run]
"""Runs a workflow on the machine of a letter, and measures it."""


@contextmanager
def laboratory() -> Iterator[RunWorkflow]:
    """The Smart StateBag with a directory for a bucket."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        with (
            counting_bucket(root / "buckets", DEFAULT_BUCKET) as store,
            embedded_statebag(root) as statebag,
        ):
            yield lambda code, workflow: _run(statebag, store.take_count, code, workflow)


@contextmanager
def s3_laboratory() -> Iterator[RunWorkflow]:
    """The Smart StateBag with a bucket in S3, whose requests are not counted."""
    with (
        tempfile.TemporaryDirectory() as directory,
        s3_process(DEFAULT_BUCKET),
        embedded_statebag(Path(directory)) as statebag,
    ):
        yield lambda code, workflow: _run(statebag, lambda: 0, code, workflow)


def _run(statebag: SmartStateBag, take_count: Callable[[], int], code: str, workflow: Any) -> Run:
    # A configuration such as par25's is larger than the input that an execution may have.
    directory = f"{ROOT}/{encode_part(OWNER)}/configurations"
    stored = state_storage().write(directory, workflow).path
    take_count()
    recorded = statebag.run(code, None, workflow_config_s3_path=stored)
    gets = take_count()
    row = find_execution(statebag.platform.engine, recorded.arn)
    if row.status != "SUCCEEDED" or row.stopped_at is None:
        raise ExecutionFailed(row.arn, row.status, row.cause)
    return Run(
        seconds=row.stopped_at - row.started_at,
        gets=gets,
        history_bytes=sum(map(_bytes, recorded.every_event())),
        duplicates=_duplicates(recorded),
        calls=len(recorded.calls),
    )


def _bytes(event: dict[str, Any]) -> int:
    """The size of an event, 0 of one without data."""
    if not any(name.endswith("EventDetails") for name in event):
        return 0
    return len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode())


def _duplicates(recorded: Recorded) -> int:
    return sum(count - 1 for count in Counter(map(entry_key, recorded.log)).values())
