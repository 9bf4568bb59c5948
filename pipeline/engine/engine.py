"""The engine of one process: everything its parts share, opened by ``opening.open_engine``."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from celery import Celery

from config.settings import Settings
from pipeline.engine.activity_polls import ActivityPolls
from pipeline.engine.callable_functions import CallableFunctions
from pipeline.engine.canvas import Canvas, Seat
from pipeline.engine.definition_cache import DefinitionCache
from pipeline.engine.execution_cache import ExecutionCache
from pipeline.engine.fan_out_cache import FanOutCache
from pipeline.engine.nested_call import Caller, NestedCall
from pipeline.engine.open_executions import OpenExecutions
from pipeline.engine.stored_frame import stored_frame
from pipeline.engine.task_token import make_token
from pipeline.integrations.log_groups import LogGroups
from pipeline.integrations.services.integrations import Services
from pipeline.interpreter.frame import Frame
from pipeline.language.evaluation import Sources
from pipeline.language.json_value import Json, JsonObject
from pipeline.ledger.database import Database
from pipeline.ledger.rows import Claim, FrameRow
from pipeline.payloads.offload import Payloads

StartNested: TypeAlias = Callable[["Engine", NestedCall, Caller | None], JsonObject]
"""Starts the execution that a Task state asks for, and returns the state's result."""

_RANDOM = random.SystemRandom()


@dataclass(slots=True, kw_only=True)
class Engine:
    """The parts of the engine that one process shares.

    Attributes:
        settings, app: The configuration and the Celery application.
        clock: Gives the epoch seconds of everything an execution can see; a test may pass its own.
        worker_clock: Gives the epoch seconds of the workers' heartbeats. It runs on real time even
            in a test that lets an hour pass at once.
        worker_id: The name under which this process claims frames.
        database, payloads, services, log_groups: The connections: to the ledger, the object store,
            AWS's services or their replacements, and the logs of executions.
        functions: The functions that Task states may call.
        canvas: Makes the messages.
        definitions, executions, fan_outs: The caches of what does not change.
        open_executions: The quota of executions that are open at a time.
        activity_polls: The workers of activities that wait for a task in this process.
        unreleased_claims: Claims to release as soon as the ledger answers again.
        start_nested: Starts executions for Task states. It goes through the API's StartExecution,
            which stands above this room.
    """

    settings: Settings
    app: Celery
    clock: Callable[[], float]
    worker_clock: Callable[[], float]
    worker_id: str
    database: Database
    payloads: Payloads
    services: Services
    log_groups: LogGroups
    functions: CallableFunctions
    canvas: Canvas
    definitions: DefinitionCache
    executions: ExecutionCache
    fan_outs: FanOutCache
    open_executions: OpenExecutions
    activity_polls: ActivityPolls
    start_nested: StartNested
    unreleased_claims: set[Claim] = field(default_factory=set)

    def sources(self, frame_id: str) -> Sources:
        """The time and randomness for one call of the interpreter."""
        return Sources(
            now=self.clock(),
            random=_RANDOM,
            uuid=lambda: str(uuid.uuid4()),
            token=lambda: make_token(frame_id),
        )

    def frame(self, row: FrameRow) -> Frame:
        """The frame of a row that has made its first transition."""
        return stored_frame(row, self.payloads)

    def seat(self, row: FrameRow) -> Seat:
        """The seat of a frame; empty for a root frame, and before its chord has begun.

        A lane that was added after its chord had begun has no seat.
        """
        if row.fan_out_id is None or row.lane is None:
            return {}
        fan_out = self.fan_outs.cached(row.fan_out_id)
        has_seat = fan_out.group_id is not None and row.lane < fan_out.lanes
        return self.canvas.seat(fan_out, row.lane) if has_seat else {}

    def redelivery_at(self, deadline: float | None = None) -> float:
        """When the sweeper publishes a frame's message again, unless the frame has moved by then.

        Args:
            deadline: Epoch seconds at which the frame must be woken at the latest, or None.
        """
        at = self.clock() + self.settings.redelivery_seconds
        return at if deadline is None else min(at, deadline)

    def pack(self, execution_id: str) -> Callable[[Json], bytes]:
        """A function that packs values below one execution's prefix."""
        return lambda value: self.payloads.pack(execution_id, value)
