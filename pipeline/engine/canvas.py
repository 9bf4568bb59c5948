"""The canvas: the Celery signatures that carry out an outcome.

A *seat* is a lane's place in its chord: task id, group, index and chord. The ledger stores every
part of it, so any process can resume a seat from the ledger: the worker that continues the frame,
the process that answers a task token, or the sweeper after every message was lost.
"""

from typing import Any

from celery import Celery, chain, chord
from celery.canvas import Signature

from pipeline.engine.message_codec import pack, unpack
from pipeline.integrations.functions.function import CeleryFunction, Function
from pipeline.language.json_value import Json
from pipeline.language.outcomes import FanOutKind
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.rows import FanOutRow, FrameRow

WAKE_UP = "statebag.advance"
"""The public name predates the word "wake-up"; messages of older versions carry it."""

LANE = "statebag.lane"
SNAPSHOT = "statebag.snapshot"
AGGREGATE = "statebag.aggregate"
RETURNED = "statebag.returned"
RAISED = "statebag.refused"
"""Like that of ``WAKE_UP``, the public name predates the word."""
CALL_LATER = "statebag.call_later"
CALL_UNLISTED = "statebag.call_unlisted"
INVOKE = "statebag.invoke"
EXPRESS = "statebag.express"
EXPRESS_FOR_CLIENT = "statebag.express_for_client"
SWEEP = "statebag.sweep"
DELIVER_LOGS = "statebag.deliver_logs"

PRE, POST = "pre", "post"

Seat = dict[str, Any]
"""Options of ``apply_async`` that put a message into its seat; empty for a root frame."""


class Canvas:
    """Makes the messages of the engine; the caller publishes them."""

    def __init__(self, app: Celery, default_queue: str) -> None:
        self._app = app
        self._queue = default_queue

    def wake_up(self, row: FrameRow, seat: Seat) -> Signature:
        """A wake-up: advance this frame, if it is still at this version."""
        # Without a seat it needs the broker only: a client would subscribe to its result.
        return self._signature(WAKE_UP, row.id, row.version).set(**seat or {"ignore_result": True})

    def lane(self, fan_out: FanOutRow, lane: int) -> Signature:
        """A lane's own message, in the lane's seat: take the next item, or end the lane."""
        return self._signature(LANE, fan_out.id, lane).set(**self.seat(fan_out, lane))

    def added_lane(self, fan_out: FanOutRow, lane: int) -> Signature:
        """The message of a lane that is not part of the chord."""
        return self._signature(LANE, fan_out.id, lane)

    def call(
        self, row: FrameRow, function: Function, arguments: tuple[list[Json], dict[str, Json]]
    ) -> Signature:
        """A function call.

        Args:
            arguments: Positional and keyword arguments for another application's task.
        """
        if isinstance(function, CeleryFunction):
            return self._foreign_call(row, function, *arguments)
        # A running worker has no task for a function that a client created after the worker's
        # start.
        listed = function.name in self._app.tasks
        signature = self._app.signature(
            function.name if listed else CALL_UNLISTED,
            args=(row.id, row.version),
            queue=function.queue,
            immutable=True,
        )
        return signature if listed else signature.set(shadow=function.name)

    def call_later(
        self,
        function: Function,
        reference: str,
        event: bytes,
        arguments: tuple[list[Json], dict[str, Json]],
    ) -> Signature:
        """A function call whose result is discarded.

        Args:
            reference: The function as the state machine names it.
            event: The packed event.
            arguments: Positional and keyword arguments for another application's task.
        """
        if isinstance(function, CeleryFunction):
            return self._foreign_signature(function, *arguments)
        return self._app.signature(
            CALL_LATER, args=(reference, event), queue=function.queue, immutable=True
        )

    def invoke(
        self,
        function: Function,
        reference: str,
        event: bytes,
        request_id: str,
        arguments: tuple[list[Json], dict[str, Json]],
    ) -> Signature:
        """A function call that a client of the API waits for.

        Args:
            reference: The function's ARN or name.
            event: The packed event.
            request_id: Id of the client's request.
            arguments: Positional and keyword arguments for another application's task.
        """
        if isinstance(function, CeleryFunction):
            return self._foreign_signature(function, *arguments).set(ignore_result=False)
        signature = self._app.signature(
            INVOKE, args=(reference, event, request_id), queue=function.queue, immutable=True
        )
        return signature.set(shadow=function.name)

    def express(self, order: dict[str, Any]) -> Signature:
        """A whole EXPRESS execution without a waiting client; see ``express_starts``."""
        return self._signature(EXPRESS, order)

    def express_for_client(self, order: dict[str, Any]) -> Signature:
        """A whole EXPRESS execution that a client of the API waits for."""
        return self._signature(EXPRESS_FOR_CLIENT, order)

    def _foreign_call(
        self,
        row: FrameRow,
        function: CeleryFunction,
        positional: list[Json],
        keyword: dict[str, Json],
    ) -> Signature:
        # The other application's worker publishes the callbacks when its task ends, so no worker of
        # ours waits for it.
        returned = self._app.signature(RETURNED, args=(row.id, row.version))
        raised = self._app.signature(RAISED, kwargs={"frame_id": row.id, "version": row.version})
        return self._foreign_signature(function, positional, keyword).set(
            # The error reaches us through the result backend.
            ignore_result=False,
            link=[returned.set(**_between_applications(self._queue))],
            link_error=[raised.set(**_between_applications(self._queue))],
        )

    def _foreign_signature(
        self, function: CeleryFunction, positional: list[Json], keyword: dict[str, Json]
    ) -> Signature:
        return self._app.signature(function.task, args=positional, kwargs=keyword).set(
            **_between_applications(function.queue)
        )

    def fan_out(self, fan_out: FanOutRow, *, lanes: list[int] | None = None) -> Signature:
        """The chord of a fan-out; around a distributed Map, the chain with its snapshots.

        Args:
            lanes: The lanes to start; all of them when None.
        """
        header = [
            self._signature(LANE, fan_out.id, lane).set(task_id=_lane_id(fan_out, lane))
            for lane in (range(fan_out.lanes) if lanes is None else lanes)
        ]
        # Not a group within the chain: Celery would unroll a group of a single lane, and ring
        # early.
        lanes_and_join = chord(header, body=self.join(fan_out), app=self._app)
        if fan_out.kind != FanOutKind.DISTRIBUTED_MAP:
            return lanes_and_join
        before = self._signature(SNAPSHOT, fan_out.id, PRE)
        return chain(before, lanes_and_join, app=self._app)

    def ring(self, fan_out: FanOutRow) -> Signature:
        """A wake-up for the frame that fanned out."""
        parent = FanOutId.parse(fan_out.id)
        signature = self._signature(WAKE_UP, parent.frame_id, parent.version)
        return signature.set(**decode_seat(fan_out.seat))

    def deliver_logs(self) -> Signature:
        """The message that delivers new history events to log groups."""
        return self._signature(DELIVER_LOGS)

    def aggregate(self, fan_out: FanOutRow) -> Signature:
        """The message that writes the results of a failed map run before its frame is woken."""
        return self._signature(AGGREGATE, fan_out.id)

    def join(self, fan_out: FanOutRow) -> Signature:
        """The body of the chord: the stages that remain when all lanes have ended."""
        stages = self._stages(fan_out)
        return chain(*stages, app=self._app) if len(stages) > 1 else stages[0]

    def _stages(self, fan_out: FanOutRow) -> list[Signature]:
        ring = self.ring(fan_out)
        if fan_out.kind != FanOutKind.DISTRIBUTED_MAP:
            return [ring]
        aggregate = self.aggregate(fan_out)
        after = self._signature(SNAPSHOT, fan_out.id, POST)
        return [aggregate, after, ring] if fan_out.results is None else [after, ring]

    def seat(self, fan_out: FanOutRow, lane: int) -> Seat:
        """The seat of a lane, once its chord has begun to run."""
        return {
            "task_id": _lane_id(fan_out, lane),
            "group_id": fan_out.group_id,
            "group_index": lane,
            "chord": self.join(fan_out),
        }

    def _signature(self, name: str, *args: Json) -> Signature:
        return self._app.signature(name, args=args, queue=self._queue, immutable=True)


def _between_applications(queue: str) -> dict[str, str]:
    """Options of a message from one application to another.

    They name the default exchange, which every broker has, so it does not matter how the other
    application declared its queue. They name an exchange type because Celery would otherwise
    replace a direct exchange with the application's own default queue. Every Celery application
    accepts JSON unless it is configured not to.
    """
    return {"exchange": "", "routing_key": queue, "exchange_type": "topic", "serializer": "json"}


def _lane_id(fan_out: FanOutRow, lane: int) -> str:
    return f"{fan_out.id}.lane{lane}"


def encode_seat(seat: Seat) -> bytes:
    """A seat as bytes for the ledger."""
    return pack(seat)


def decode_seat(data: bytes) -> Seat:
    """The seat that ``encode_seat`` wrote."""
    seat: Seat = unpack(data)
    return seat
