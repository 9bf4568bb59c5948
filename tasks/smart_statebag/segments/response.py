"""ExecuteSegment's response: all keys on every path, within its size (Contract 5.3)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.envelopes import wrapper
from tasks.smart_statebag.bag.history import deduplicate
from tasks.smart_statebag.bag.json_value import Json, JsonObject, encode
from tasks.smart_statebag.bag.keys import content_hash
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, KB, size_of
from tasks.smart_statebag.bag.storage import Written
from tasks.smart_statebag.segments.request import SegmentRequest, Site, first_present
from tasks.smart_statebag.workflow.node_errors import BRANCH_CAUSE_LIMIT, CAUSE_LIMIT, ErrorInfo

MAIN_RESPONSE_LIMIT = 48 * KB
OTHER_RESPONSE_LIMIT = 4 * KB
MAIN_LOOP_SITES = frozenset({Site.MAIN_LOOP, Site.AGGREGATOR})
"""Call sites of the main loop: their logs stay inline, and their responses may be large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDocument:
    """A state with the stored document that holds it."""

    state: JsonObject
    written: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The outcome of a call; fields left out are null or empty in the response."""

    status: str
    segment_type: str
    document: StateDocument
    next_segment: int | None = None
    entries: tuple[JsonObject, ...] = ()
    error: ErrorInfo | None = None
    branches: tuple[JsonObject, ...] = ()
    inner_map: tuple[JsonObject, ...] | None = None
    join_segment: int | None = None
    total_segments: int | None = None
    segment_id: Json = None
    segments_processed: int = 0
    paused_segment: int | None = None
    known_logs: Json = field(default=None)


def unchanged(request: SegmentRequest, state: JsonObject, access: BagAccess) -> StateDocument:
    """The document a call began with; an inline state is written, so that it has a pointer."""
    path = request.get("state_s3_path")
    if not isinstance(path, str):
        return written_document(request, state, access)
    digest = content_hash(path) or ""
    written = Written(path=path, sha256=digest, size_bytes=len(encode(state)))
    return StateDocument(state=state, written=written)


def written_document(
    request: SegmentRequest, state: JsonObject, access: BagAccess, segment: Json = None
) -> StateDocument:
    """A new document in the request's scope."""
    at = request.segment if segment is None else segment
    place = 0 if at is None else at
    directory = access.keys.state(request.scope, loop=request.loop, segment=place)
    return StateDocument(state=state, written=access.write(directory, state))


def respond(
    request: SegmentRequest, answer: Answer, access: BagAccess, *, seconds: float
) -> JsonObject:
    """The response of Contract 5.3."""
    in_main_loop = request.site in MAIN_LOOP_SITES
    logs, logs_path = _logs(request, answer, access)
    path = answer.document.written.path
    index = request.branch_index
    order = first_present(
        {"own": request.get("execution_order"), "index": index, "segment": answer.segment_id},
        ("own", "index", "segment"),
    )
    error = answer.error
    response: JsonObject = {
        "status": answer.status,
        "segment_type": answer.segment_type,
        "final_state": _inline_state(request, answer.document),
        "final_state_s3_path": path,
        "next_segment_to_run": answer.next_segment,
        "new_history_logs": logs,
        "error_info": error.as_json(CAUSE_LIMIT if in_main_loop else BRANCH_CAUSE_LIMIT)
        if error
        else None,
        "branches": list(answer.branches),
        "inner_partition_map": None if answer.inner_map is None else list(answer.inner_map),
        "logs_s3_path": logs_path,
        "inner_partition_map_s3_path": None,
        "join_segment": answer.join_segment,
        "total_segments": answer.total_segments,
        "segment_id": answer.segment_id,
        "execution_order": order,
        "branch_id": request.branch_id,
        "branch_index": index,
        "segments_processed": answer.segments_processed,
        "paused_segment_id": answer.paused_segment,
        "execution_time": round(seconds, 3),
        "result_s3_path": path,
        "error_type": error.error_type if error else None,
    }
    bounds = _Bounds(request=request, answer=answer, access=access, response=response)
    return bounds.main_response() if in_main_loop else bounds.short_response()


def _inline_state(request: SegmentRequest, document: StateDocument) -> JsonObject:
    """Inline for a small state of a legacy main loop, else the wrapper of the pointer."""
    legacy = request.site in MAIN_LOOP_SITES and not request.cached
    if legacy and document.written.size_bytes <= FIELD_LIMIT:
        return document.state
    return wrapper(document.written)


def _logs(
    request: SegmentRequest, answer: Answer, access: BagAccess
) -> tuple[list[Json], str | None]:
    """Entries inline in a main loop; elsewhere a pointer to the given and the new ones."""
    new: list[Json] = list(answer.entries)
    if request.site in MAIN_LOOP_SITES:
        return new, None
    known = answer.known_logs
    if not new:
        return [], known if isinstance(known, str) else None
    before = access.hydrator.load_list(known) if known is not None else []
    return [], access.write(access.keys.logs(request.scope), deduplicate(before, new)).path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounds:
    """Brings a response below its limit by sending inline parts to S3."""

    request: SegmentRequest
    answer: Answer
    access: BagAccess
    response: JsonObject

    def main_response(self) -> JsonObject:
        """No part above 30 KB, the whole below 48 KB; the largest parts go to S3 first."""
        movers: dict[str, Callable[[], None]] = {
            "final_state": self._move_state,
            "new_history_logs": self._move_logs,
            "branches": self._move_branch_maps,
            "inner_partition_map": self._move_inner_map,
        }
        sizes = {name: size_of(self.response[name]) for name in movers}
        for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
            if sizes[name] > FIELD_LIMIT or size_of(self.response) >= MAIN_RESPONSE_LIMIT:
                movers[name]()
        return self.response

    def short_response(self) -> JsonObject:
        """Below 4 KB: an error loses its attempts and branch errors, if need be."""
        error = self.response["error_info"]
        if isinstance(error, dict) and size_of(self.response) >= OTHER_RESPONSE_LIMIT:
            self.response["error_info"] = {**error, "attempts": [], "branch_errors": []}
        return self.response

    def _move_state(self) -> None:
        self.response["final_state"] = wrapper(self.answer.document.written)

    def _move_logs(self) -> None:
        entries = self.response["new_history_logs"]
        directory = self.access.keys.logs(self.request.scope)
        self.response["logs_s3_path"] = self.access.write(directory, entries).path
        self.response["new_history_logs"] = []

    def _move_branch_maps(self) -> None:
        self.response["branches"] = [self._without_map(each) for each in self.answer.branches]

    def _without_map(self, branch: JsonObject) -> JsonObject:
        if branch.get("partition_map") is None:
            return branch
        written = self.access.write(self.access.keys.partition(), branch["partition_map"])
        return {**branch, "partition_map": None, "partition_map_s3_path": written.path}

    def _move_inner_map(self) -> None:
        inner = self.response["inner_partition_map"]
        written = self.access.write(self.access.keys.partition(), inner)
        self.response["inner_partition_map_s3_path"] = written.path
        self.response["inner_partition_map"] = None


def failing(answer: Answer, error: ErrorInfo) -> Answer:
    """The same answer as a failure of the workflow."""
    return replace(answer, status="FAILED", segment_type="error", error=error, next_segment=None)
