"""Runs a chunk segment by segment along the map's links (Contract 8.2)."""

from dataclasses import dataclass
from functools import cached_property

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.answers import callback_field, resumed_state
from tasks.smart_statebag.bag.counters import as_integer
from tasks.smart_statebag.bag.errors import InvalidInput, StateBagError
from tasks.smart_statebag.bag.failures import SHORT_CAUSE
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import chunk_scope
from tasks.smart_statebag.bag.state_documents import write_state
from tasks.smart_statebag.chunks.progress import Progress
from tasks.smart_statebag.chunks.request import ChunkRequest
from tasks.smart_statebag.chunks.states import pointer_of
from tasks.smart_statebag.chunks.tools import ChunkTools
from tasks.smart_statebag.segments.tools import LambdaContext, time_is_short
from tasks.smart_statebag.state_data_manager.merge_callback import callback_error
from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.partitioning import Entry
from tasks.smart_statebag.workflow.partitioning.entries import PARALLEL_GROUP, whole
from tasks.smart_statebag.workflow.rules import Rules

GOING_ON = statuses.GOING_ON | {statuses.COMPLETE}


@dataclass(frozen=True, kw_only=True)
class ChunkRunner:
    """One call that runs a chunk, or the rest of it."""

    request: ChunkRequest
    access: BagAccess
    tools: ChunkTools
    context: LambdaContext | None

    def run(self, progress: Progress) -> None:
        """Run segments until the chunk ends, pauses or fails, or time is short.

        Raises:
            StateBagError: Storage failed, so that the same call may succeed later.
        """
        try:
            self._start(progress)
        except StateBagError as error:
            if error.retryable:
                raise
            progress.reject(_described(error))
            return
        if progress.status == statuses.FAILED or progress.error is not None:
            return
        ran_before = progress.ran
        while (place := self._inside(progress.place)) is not None:
            if progress.ran > ran_before and self._must_stop():
                progress.status = statuses.CONTINUE
                return
            if progress.ran > self._limit:
                progress.fail(place, _loop_limit(progress.ran, self._limit))
                return
            if not self._segment(place, progress):
                return

    @cached_property
    def partition_map(self) -> list[Entry]:
        """The map the chunk is a range of."""
        inline = self.request.bag.get("partition_map")
        if isinstance(inline, list):
            return objects(inline)
        path = self.request.bag.get("partition_map_s3_path")
        if path is None:
            raise InvalidInput("partition_map_s3_path")
        return objects(self.access.hydrator.load_list(path))

    @cached_property
    def configuration(self) -> JsonObject | None:
        """The configuration, read once for all segments of a chunk whose bag has no policies."""
        path = self.request.bag.get("workflow_config_s3_path")
        if self.request.independent or path is None:
            return None
        return self.access.hydrator.load_object(path)

    def _start(self, progress: Progress) -> None:
        if progress.state_path is None:
            raise InvalidInput("previous_state")
        if self._inside(progress.place) is None:
            return  # the next segment lies after this chunk, which has nothing to run
        state = self.access.hydrator.load_object(progress.state_path)
        if not self.partition_map or self.request.chunk.end >= len(self.partition_map):
            raise InvalidInput("end_segment", "lies outside the map")
        progress.started = True
        if self.request.answers_a_pause:
            self._take_answer(state, progress)

    def _take_answer(self, state: JsonObject, progress: Progress) -> None:
        callback, place = self.request.callback, progress.place or 0
        if callback_field(callback, "status") == statuses.FAILED:
            progress.fail(place, callback_error(callback))
            return
        position: JsonObject = {"loop_counter": progress.ran, "segment_to_run": place}
        resumed = resumed_state(state, callback, place)
        progress.state_path = write_state(resumed, position, self.access, scope=self._scope).path

    def _inside(self, place: int | None) -> int | None:
        """The place, if this call runs it; a serial chunk also runs what earlier chunks left."""
        chunk = self.request.chunk
        low = chunk.start if self.request.independent else min(chunk.start, self.request.first)
        return place if place is not None and low <= place <= chunk.end else None

    def _must_stop(self) -> bool:
        """Whether time is short and a later call continues: D calls again, B has a next chunk."""
        chunk = self.request.chunk
        may_continue = self.request.independent or chunk.end + 1 < len(self.partition_map)
        return may_continue and time_is_short(self.context)

    @cached_property
    def _limit(self) -> int:
        count = self.request.chunk.segment_count
        configured = as_integer(self.request.bag.get("max_branch_iterations"))
        # The limit for branches follows from their length; a chunk may be longer than any of them.
        return max(Rules(max_branch_iterations=configured).branch_limit(count), 2 * count)

    @property
    def _scope(self) -> str:
        return chunk_scope(self.request.chunk.chunk_id)

    def _segment(self, place: int, progress: Progress) -> bool:
        """Run one segment; False if it ends the call."""
        try:
            result = self.tools.run_segment(self._event(place, progress), self.context)
        except Exception as error:  # a runner that crashes fails its chunk, which is reported
            if isinstance(error, StateBagError) and error.retryable:
                raise
            progress.fail(place, _described(error))
            return False
        return self._take(place, result, progress)

    def _take(self, place: int, result: JsonObject, progress: Progress) -> bool:
        status = result.get("status")
        logs = result.get("logs_s3_path")
        progress.logs_path = logs if isinstance(logs, str) else progress.logs_path
        if isinstance(status, str) and status in GOING_ON:
            progress.state_path = self._state_path(place, result, progress)
            progress.succeed(place, status)
            progress.place = self._following(place, result)
            return True
        if status in statuses.PAUSED:
            progress.status, progress.paused = statuses.PAUSED_FOR_HITP, place
            return False
        progress.fail(place, result.get("error_info"), str(status or statuses.FAILED))
        return False

    def _state_path(self, place: int, result: JsonObject, progress: Progress) -> str | None:
        path = result.get("final_state_s3_path")
        if isinstance(path, str):
            return path
        position: JsonObject = {"loop_counter": progress.ran, "segment_to_run": place}
        inline = pointer_of(result.get("final_state"), position, self.access, scope=self._scope)
        return inline or progress.state_path

    def _following(self, place: int, result: JsonObject) -> int | None:
        linked = as_integer(result.get("next_segment_to_run"))
        # A result that names no segment leaves the link to the map; at its end there is none.
        return whole(self.partition_map[place].get("default_next")) if linked is None else linked

    def _event(self, place: int, progress: Progress) -> JsonObject:
        request, entry = self.request, self.partition_map[place]
        event: JsonObject = {
            "segment_config": entry,
            "segment_to_run": place,
            "total_segments": len(self.partition_map),
            "state_s3_path": progress.state_path,
            "logs_s3_path": progress.logs_path,
            "loop_counter": progress.ran,
            "chunk_id": request.chunk.chunk_id,
            "chunk_index": request.chunk.index,
            "execution_order": request.chunk.order,
            "allow_pause": True,
            "allow_async": False,
        }
        if entry.get("type") == PARALLEL_GROUP:  # its join is found through the whole map
            event["partition_map"] = list(self.partition_map)
        if request.independent:
            return {**event, "state_data": request.bag}
        return {**request.bag, **event, "workflow_config": self.configuration}


def _described(error: Exception) -> Json:
    return {"Error": type(error).__name__, "Cause": str(error)[:SHORT_CAUSE]}


def _loop_limit(ran: int, limit: int) -> Json:
    cause = f"{ran} segments ran, at most {limit} are allowed"
    return {"Error": "BranchLoopLimitExceeded", "Cause": cause}
