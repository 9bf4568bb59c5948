"""The engine of one process: its connections, its caches of what never changes, its identity."""

import os
import random
import secrets
import socket
import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from celery import Celery

from config.settings import Settings
from pipeline.engine.activity_polls import ActivityPolls
from pipeline.engine.canvas import Canvas, Seat
from pipeline.engine.nested_call import Caller, NestedCall
from pipeline.engine.open_executions import OpenExecutions
from pipeline.engine.task_token import make_token
from pipeline.integrations.arns import Arn
from pipeline.integrations.functions.functions_file import load_functions
from pipeline.integrations.functions.lambda_code import FunctionCode
from pipeline.integrations.functions.lambda_sandboxes import Sandboxes
from pipeline.integrations.functions.service_tasks import service_actions
from pipeline.integrations.functions.stored_functions import StoredFunctions
from pipeline.integrations.log_groups import open_log_groups
from pipeline.integrations.services.definition_checks import checked_definition
from pipeline.integrations.services.opening import open_services
from pipeline.interpreter.frame import Frame
from pipeline.interpreter.frame_codec import decode_frame
from pipeline.interpreter.interpreter import ExecutionContext
from pipeline.language.definition import StateMachine, parse_definition
from pipeline.language.evaluation import Sources
from pipeline.language.json_value import Json, JsonObject
from pipeline.ledger import executions, fan_outs, frames, revisions
from pipeline.ledger.database import Database
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.migrations import migrate
from pipeline.ledger.revisions import Revision
from pipeline.ledger.rows import ExecutionRow, FanOutRow, FrameRow
from pipeline.ledger.transition import Overtaken
from pipeline.payloads.object_store import open_object_store
from pipeline.payloads.offload import Payloads

StartNested: TypeAlias = Callable[["Engine", NestedCall, Caller | None], JsonObject]
"""Starts the execution that a Task state wants, and returns the state's result."""


class Missing(Exception):
    """A row that the ledger must have is not there."""


class Engine:
    """What every part of the engine shares within one process.

    Attributes:
        settings, database, payloads, functions, services, canvas: The parts.
        stored_functions: The functions that were created over the API.
        sandboxes: The processes that run them for this one.
        service_actions: Actions of AWS services by the names of their Celery tasks.
        clock: Gives the epoch seconds of everything an execution can see; a test may pass its own.
        worker_clock: Gives those of the workers' heartbeats. Whether a process lives is a matter
            of real time, even where a test lets an hour pass at once.
        worker_id: Under which this process claims frames.
        log_groups: Where the logs of executions go.
        activity_polls: Who waits for tasks of activities in this process.
        start_nested: Starts executions for Task states. It goes through the API's StartExecution,
            which this module is too far below to know.
        open_executions: Whether there is room for more of them.
        unreleased_claims: Frames whose claims are released as soon as the ledger answers again.
    """

    def __init__(
        self,
        settings: Settings,
        app: Celery,
        *,
        clock: Callable[[], float] = time.time,
        worker_clock: Callable[[], float] = time.time,
        start_nested: StartNested | None = None,
    ) -> None:
        self.settings = settings
        self.app = app
        self.clock = clock
        self.worker_clock = worker_clock
        self.database = Database(
            settings.ledger_url, threads=settings.concurrency + settings.api_threads
        )
        self.payloads = Payloads(
            store=open_object_store(settings.object_store),
            threshold_bytes=settings.offload_threshold_bytes,
        )
        self.functions = load_functions(settings.functions_file, settings.default_queue)
        code = FunctionCode(self.payloads.store, settings.data_dir / "functions")
        self.stored_functions = StoredFunctions(self.database, code, settings.default_queue, clock)
        self.sandboxes = Sandboxes(code, limit=settings.concurrency)
        self.service_actions = service_actions(settings.default_queue)
        self.services = open_services(settings, app, self.database, clock)
        self.log_groups = open_log_groups(settings)
        self.canvas = Canvas(app, settings.default_queue)
        self.worker_id = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.activity_polls = ActivityPolls()
        self.start_nested = start_nested or _start_none
        self.open_executions = OpenExecutions(self.database, clock)
        self.unreleased_claims: set[str] = set()
        self._random = random.SystemRandom()
        migrate(self.database)
        # Rows that never change are read once a process. The bounds keep a worker that has seen
        # many machines small.
        self.definition_id = lru_cache(maxsize=64)(self._store_definition)
        self.machine = lru_cache(maxsize=64)(self._load_machine)
        self.revision = lru_cache(maxsize=64)(self._load_revision)
        self.execution = lru_cache(maxsize=256)(self._load_execution)
        self._begun_fan_out = lru_cache(maxsize=256)(self._load_begun_fan_out)
        self._fan_out_frame = lru_cache(maxsize=64)(self._load_fan_out_frame)

    def sources(self, frame_id: str) -> Sources:
        """The time and randomness for one call of the interpreter."""
        return Sources(
            now=self.clock(),
            random=self._random,
            uuid=lambda: str(uuid.uuid4()),
            token=lambda: make_token(frame_id),
        )

    def machine_of(self, execution_id: str) -> tuple[StateMachine, ExecutionContext]:
        """The parsed definition that an execution runs, and what its context object tells."""
        row, context = self.execution(execution_id)
        return self.machine(row.definition_id), context

    def frame(self, row: FrameRow) -> Frame:
        """The frame of a row that has made its first transition."""
        if row.body is None:
            raise Missing(f"frame {row.id} has no body")
        frame = decode_frame(row.body, row.phase, self.payloads.unpack)
        return frame if row.heard_at is None else frame.heard(row.heard_at)

    def fan_out(self, fan_out_id: str) -> FanOutRow:
        """A fan-out as far as it never changes, once one of its lanes has begun."""
        try:
            return self._begun_fan_out(fan_out_id)
        except _NotBegun as early:
            return early.row

    def parent_of(self, fan_out: FanOutRow) -> Frame:
        """The frame that fanned out, as it was then.

        Raises:
            Overtaken: The frame does not wait for these children any more.
        """
        return self._fan_out_frame(fan_out.id, fan_out.redrive_count)

    def seat(self, row: FrameRow) -> Seat:
        """The seat of a frame; empty for a root frame, and before its chord has begun.

        A lane that was added when the chord had begun has none.
        """
        if row.fan_out_id is None or row.lane is None:
            return {}
        fan_out = self.fan_out(row.fan_out_id)
        has_seat = fan_out.group_id is not None and row.lane < fan_out.lanes
        return self.canvas.seat(fan_out, row.lane) if has_seat else {}

    def redelivery_at(self, deadline: float | None = None) -> float:
        """When the sweeper is to publish a message again that nobody has acted on.

        Args:
            deadline: Epoch seconds at which it is to be woken in any case, or None.
        """
        at = self.clock() + self.settings.redelivery_seconds
        return at if deadline is None else min(at, deadline)

    def pack(self, execution_id: str) -> Callable[[Json], bytes]:
        """The packing of values below one execution's prefix."""
        return lambda value: self.payloads.pack(execution_id, value)

    def _store_definition(self, document: str) -> str:
        checked_definition(document)  # what does not conform is never stored
        with self.database.durable() as connection:
            return executions.put_definition(connection, document)

    def _load_machine(self, definition_id: str) -> StateMachine:
        with self.database.reading() as connection:
            document = executions.find_definition(connection, definition_id)
        if document is None:
            raise Missing(f"definition {definition_id}")
        return parse_definition(document)

    def _load_execution(self, execution_id: str) -> tuple[ExecutionRow, ExecutionContext]:
        row = self.latest_execution(execution_id)
        return row, self.context(row, self.payloads.unpack(row.input))

    def latest_execution(self, execution_id: str) -> ExecutionRow:
        """An execution as it is now, which the cached one need not be."""
        with self.database.reading() as connection:
            row = executions.find_execution(connection, execution_id)
        if row is None:
            raise Missing(f"execution {execution_id}")
        return row

    def context(self, row: ExecutionRow, input: Json) -> ExecutionContext:  # noqa: A002 - ASL's name
        """What the context object of an execution tells."""
        return ExecutionContext(
            execution_arn=row.arn,
            execution_name=row.name,
            execution_input=input,
            started_at=row.started_at,
            role_arn=self._role_arn(row.revision_id),
            machine_arn=row.machine_arn,
            machine_name=row.machine_name,
            version_arn=row.version_arn,
            alias_arn=row.alias_arn,
            region=Arn.parse(row.arn).region,
            strict_limits=self.settings.strict_limits,
        )

    def _role_arn(self, revision_id: str | None) -> str:
        """The role of an execution; the settings' where it runs a bare definition."""
        if revision_id is None:
            return self.settings.role_arn
        return self.revision(revision_id).role_arn

    def _load_revision(self, revision_id: str) -> Revision:
        with self.database.reading() as connection:
            revision = revisions.find_revision(connection, revision_id)
        if revision is None:
            raise Missing(f"revision {revision_id}")
        return revision

    def _load_begun_fan_out(self, fan_out_id: str) -> FanOutRow:
        with self.database.reading() as connection:
            row = fan_outs.find_fan_out(connection, fan_out_id)
        if row is None:
            raise Missing(f"fan-out {fan_out_id}")
        if row.group_id is None:
            raise _NotBegun(row)
        return row

    def _load_fan_out_frame(self, fan_out_id: str, _redrive_count: int) -> Frame:
        parent = FanOutId.parse(fan_out_id)
        with self.database.reading() as connection:
            row = frames.find_frame(connection, parent.frame_id)
        if row is None or row.version != parent.version:
            raise Overtaken(fan_out_id)
        return self.frame(row)


def _start_none(_engine: Engine, call: NestedCall, _caller: Caller | None) -> JsonObject:
    raise Missing(f"whatever starts executions for {call.execution_arn}")


class _NotBegun(Exception):
    """The fan-out has no group yet: what was read is good once, but not to be kept."""

    def __init__(self, row: FanOutRow) -> None:
        super().__init__(row.id)
        self.row = row
