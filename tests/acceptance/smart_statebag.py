"""The Smart StateBag as its users run it: the four files, the shipped functions, an engine."""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from config.asl.state_machine_files import read_definition
from config.local_deployment import local_deployment
from config.settings import Settings
from pipeline.engine.embedded import embedded_worker
from pipeline.executions.history import execution_history
from pipeline.executions.lifecycle import find_execution, start_execution
from pipeline.ledger.rows import ExecutionRow
from pipeline.ledger.schema import frames
from tasks.celery import create_app
from tasks.smart_statebag.bag.keys import ROOT, encode_part
from tasks.smart_statebag.bag.object_store import ObjectStore
from tasks.smart_statebag.bag.state_bucket import (
    DIRECTORY,
    bucket_setting,
    open_store,
    state_storage,
)
from tasks.smart_statebag.callbacks.tools import CallbackTools
from tasks.smart_statebag.resume import resume
from tasks.smart_statebag.tables import Query
from tasks.smart_statebag.tables.schemas import EXECUTION_ID_INDEX
from tests.acceptance.recorded import Recorded
from tests.acceptance.state_machine_documents import FILE_OF
from tests.clocks import SkippingClock
from tests.platforms import SLOTS, Platform

OWNER = "수리 팀"
"""An owner whose name must be encoded in keys."""

SHIPPED_FUNCTIONS = Path(__file__).parents[2] / "config/functions.toml"
PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartStateBag:
    """The four machines on a platform, and the clock of their executions."""

    platform: Platform
    clock: SkippingClock

    def start(self, code: str, workflow: Any, **given: Any) -> ExecutionRow:
        """Start an execution of a file with a workflow; ``given`` goes into its input.

        An execution's input is limited, so the workflow lies in the bucket.
        """
        values = local_deployment(self.platform.engine.settings).substitutions()
        directory = f"{ROOT}/{encode_part(OWNER)}/workflows"
        stored = state_storage().write(directory, workflow)
        identity = {"ownerId": OWNER, "workflowId": "acceptance", "MOCK_MODE": "true"}
        return start_execution(
            self.platform.engine,
            machine_name=f"machine-{code}",
            definition=read_definition(FILE_OF[code], values),
            input={**identity, "workflow_config_s3_path": stored.path, **given},
        )

    def finish(self, execution: ExecutionRow, seconds: float = PATIENCE) -> Recorded:
        """Wait for the end of an execution."""
        ended = self.platform.wait(execution, seconds)
        return self.recorded(execution, ended)

    def recorded(self, execution: ExecutionRow, ended: Any) -> Recorded:
        """What an execution has left so far."""
        return Recorded(
            arn=execution.arn,
            ended=ended,
            events=self._events(execution.id),
            children=[self._events(child) for child in self._children(execution)],
        )

    def run(self, code: str, workflow: Any, **given: Any) -> Recorded:
        """Start an execution and wait for its end."""
        return self.finish(self.start(code, workflow, **given))

    def succeed(self, code: str, workflow: Any, **given: Any) -> Recorded:
        """As ``run``; the execution must succeed."""
        recorded = self.run(code, workflow, **given)
        assert recorded.ended.status == "SUCCEEDED", recorded.ended.cause
        return recorded

    def open_questions(self, execution: ExecutionRow, count: int = 1) -> list[Any]:
        """Wait until so many pauses of an execution wait for an answer."""
        key = {"ownerId": OWNER, "execution_id": execution.arn}
        of_execution = Query(equal=key, index=EXECUTION_ID_INDEX)

        def waiting() -> list[Any]:
            rows = CallbackTools().tokens().query(of_execution)
            return [row for row in rows if row["status"] == "WAITING"]

        self.platform.until(lambda: len(waiting()) == count, PATIENCE, lambda: "a question")
        return waiting()

    def answer(self, execution: ExecutionRow, response: Any) -> None:
        """Answer the only question of an execution."""
        question = self.open_questions(execution)[0]
        given = resume(OWNER, pause_id=question["pause_id"], response=response)
        assert given["statusCode"] == 200, given

    def has_entered(self, execution: ExecutionRow, state: str, times: int = 1) -> None:
        """Wait until a state has been entered so many times, children included."""

        def entered() -> int:
            return len(self.recorded(execution, None).entered(state))

        self.platform.until(lambda: entered() >= times, PATIENCE, lambda: f"{state} {times} times")

    def is_running(self, execution: ExecutionRow) -> bool:
        """Whether an execution still runs."""
        return find_execution(self.platform.engine, execution.arn).status == "RUNNING"

    def _events(self, history_id: str) -> list[Any]:
        return list(execution_history(self.platform.engine, history_id))

    def _children(self, execution: ExecutionRow) -> list[str]:
        """Ids of the histories of child executions in the order of their items."""
        query = select(frames.c.history_id).where(
            frames.c.execution_id == execution.id,
            frames.c.history_id != execution.id,
            frames.c.id == frames.c.history_id,
        )
        with self.platform.engine.database.reading() as connection:
            return list(connection.scalars(query.order_by(frames.c.position)))


@contextmanager
def embedded_statebag(
    directory: Path, *, altered: Mapping[str, str] | None = None, **settings: Any
) -> Iterator[SmartStateBag]:
    """The Smart StateBag within this process.

    Args:
        directory: An empty directory.
        altered: Functions with another handler than the shipped one.
        settings: Settings that differ from the defaults.
    """
    clock = SkippingClock()
    made = Settings(
        data_dir=directory / "data",
        functions_file=write_functions(directory / "functions.toml", altered or {}),
        # The in-memory broker is one for the whole process.
        default_queue=f"statebag-{uuid4().hex[:8]}",
        concurrency=SLOTS,
        sweep_interval_seconds=0.25,
        **settings,
    )
    app = create_app(made, clock=clock)
    try:
        with embedded_worker(app, app.worker_engine):
            yield SmartStateBag(platform=Platform(app=app, directory=directory), clock=clock)
    finally:
        app.close_engine()


def write_functions(path: Path, altered: Mapping[str, str]) -> Path:
    """Write the shipped functions file with some handlers replaced."""
    parts = SHIPPED_FUNCTIONS.read_text(encoding="utf-8").split("\n[functions.")
    for name, handler in altered.items():
        number = next(n for n, part in enumerate(parts) if part.startswith(f'"{name}"]'))
        parts[number] = f'"{name}"]\nprovider = "python"\nhandler = "{handler}"\n'
    path.write_text("\n[functions.".join(parts), encoding="utf-8")
    return path


def state_store() -> ObjectStore:
    """The state bucket itself, without a cache, checks or attempts."""
    return open_store(bucket_setting(), os.environ.get(DIRECTORY))


class _Figures(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(record.getMessage()))


@contextmanager
def recording_figures() -> Iterator[list[dict[str, Any]]]:
    """The figures of StateDataManager as they are logged while the block lasts."""
    logger = logging.getLogger("tasks.smart_statebag.bag.metrics")
    handler, level = _Figures(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield handler.lines
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


def named(figures: list[dict[str, Any]], name: str, **dimension: str) -> list[float]:
    """The values of a figure with some dimension."""
    wanted = {"metric": name, **dimension}
    return [line["value"] for line in figures if wanted.items() <= line.items()]
