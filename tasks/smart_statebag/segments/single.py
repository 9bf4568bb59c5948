"""Running one entry of the map: admission, pauses, nodes, the answer (Contract 5.4)."""

from dataclasses import dataclass, replace

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.answers import RESUME
from tasks.smart_statebag.bag.counters import as_integer
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.segments.async_llm import needs_async
from tasks.smart_statebag.segments.fan_out import hand_out
from tasks.smart_statebag.segments.loading import Loader
from tasks.smart_statebag.segments.request import SegmentRequest, Site
from tasks.smart_statebag.segments.response import (
    Answer,
    StateDocument,
    failing,
    unchanged,
    written_document,
)
from tasks.smart_statebag.segments.tools import SegmentTools
from tasks.smart_statebag.workflow.node_errors import ErrorInfo
from tasks.smart_statebag.workflow.nodes.protected_keys import without_reserved
from tasks.smart_statebag.workflow.partitioning import Entry
from tasks.smart_statebag.workflow.partitioning.entries import (
    AGGREGATOR,
    HITP,
    PARALLEL_GROUP,
    whole,
)
from tasks.smart_statebag.workflow.partitioning.splice import join_of
from tasks.smart_statebag.workflow.segment_runner import (
    SegmentRun,
    SegmentRunner,
    pause_not_allowed,
)
from tasks.smart_statebag.workflow.state_view import StateView


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleSegment:
    """One call that runs one entry."""

    request: SegmentRequest
    loader: Loader
    access: BagAccess
    tools: SegmentTools

    def run(self) -> Answer:
        """Run the entry the request asks for.

        Raises:
            SegmentOutOfRange: There is none.
        """
        entry = self.loader.entry()
        state = self.loader.state()
        start = Answer(
            status=statuses.CONTINUE,
            segment_type=str(entry["type"]),
            document=unchanged(self.request, state, self.access),
            segment_id=entry["id"],
            total_segments=self.loader.total_segments(),
            known_logs=self.request.get("logs_s3_path"),
        )
        if entry.get("status") == "SKIPPED":
            return self._go_on(start, entry, state, word="SKIPPED", segment_type="skipped")
        reason = self.tools.admit(self.request, entry, state)
        if reason is not None:
            return _stopped(start, "HALTED", ErrorInfo(error_type="HALTED", error=reason))
        if entry["type"] == AGGREGATOR:
            return self._go_on(start, entry, state, segment_type=AGGREGATOR)
        if entry["type"] == PARALLEL_GROUP and self.request.hands_out:
            return self._hand_out(start, entry)
        return self._pause(start, entry, state) or self._run_nodes(start, entry, state)

    def _hand_out(self, start: Answer, entry: Entry) -> Answer:
        place = whole(entry["id"]) or 0
        answer = hand_out(self.loader.partition_map, place, start.document, self.access)
        if answer.status != statuses.COMPLETE:
            return answer
        return replace(answer, document=self._final_document(answer.document))

    def _pause(self, start: Answer, entry: Entry, state: JsonObject) -> Answer | None:
        """The answer of an entry that must wait before it runs, else None."""
        place = whole(entry["id"]) or 0
        if entry["type"] == HITP and not is_resumed(state, place):
            if not self.request.allow_pause:
                return failing(start, pause_not_allowed(entry))
            paused = replace(start, status=statuses.PAUSED_FOR_HITP, segment_type=HITP)
            return replace(paused, next_segment=place, paused_segment=place)
        resolve = self.tools.node_services(self.request, self.access).resolve
        view = StateView(state=state, resolve=resolve)
        if self.request.allow_async and needs_async(entry, view):
            waiting = replace(start, status=statuses.PAUSED_FOR_ASYNC_LLM, segment_type="async_llm")
            return replace(waiting, next_segment=place, paused_segment=place)
        return None

    def _run_nodes(self, start: Answer, entry: Entry, state: JsonObject) -> Answer:
        runner = runner_for(self.request, self.loader, self.access, self.tools, [entry])
        run = runner.run(entry, without_resume(state), loop=self.request.loop)
        ran = replace(start, entries=run.entries, segments_processed=1)
        if run.failed and run.error_info is not None:
            return failing(ran, run.error_info)
        violation = self.tools.guard(self.request, entry, run.state)
        if violation is not None:
            return _stopped(ran, "SIGKILL", ErrorInfo(error_type="SIGKILL", error=violation))
        return self._finished(ran, entry, run)

    def _finished(self, ran: Answer, entry: Entry, run: SegmentRun) -> Answer:
        """The answer of an entry that ran: its new document, and where it leads."""
        following = run.next_segment
        if entry["type"] == PARALLEL_GROUP:  # it ran in process: its aggregator has nothing to do
            following = join_of(self.loader.partition_map, whole(entry["id"]) or 0)
        ends = following is None or self.request.site is Site.ITEM
        state = without_reserved(run.state) if ends else run.state
        kind = "normal" if entry["type"] == PARALLEL_GROUP else str(entry["type"])
        kind = "partial_failure" if run.error_info is not None else "final" if ends else kind
        return replace(
            ran,
            status=statuses.COMPLETE if ends else statuses.CONTINUE,
            segment_type=kind,
            document=written_document(self.request, state, self.access, entry["id"]),
            next_segment=None if ends else following,
            error=run.error_info,
        )

    def _go_on(
        self,
        start: Answer,
        entry: Entry,
        state: JsonObject,
        *,
        segment_type: str,
        word: str = statuses.CONTINUE,
    ) -> Answer:
        """The answer of an entry that has nothing to run."""
        runner = runner_for(self.request, self.loader, self.access, self.tools, [])
        run = runner.run({**entry, "type": "normal", "nodes": []}, state, loop=self.request.loop)
        if run.failed and run.error_info is not None:
            return failing(start, run.error_info)
        if run.next_segment is not None and self.request.site is not Site.ITEM:
            return replace(
                start, status=word, segment_type=segment_type, next_segment=run.next_segment
            )
        final = segment_type if segment_type == AGGREGATOR else "final"
        document = self._final_document(start.document)
        return replace(start, status=statuses.COMPLETE, segment_type=final, document=document)

    def _final_document(self, document: StateDocument) -> StateDocument:
        """Final documents hold no reserved keys, even if nothing else changed."""
        state = without_reserved(document.state)
        if state == document.state:
            return document
        return written_document(self.request, state, self.access)


def runner_for(
    request: SegmentRequest,
    loader: Loader,
    access: BagAccess,
    tools: SegmentTools,
    entries: list[Entry],
) -> SegmentRunner:
    """The runner of some entries under the rules in force."""
    return SegmentRunner(
        rules=loader.rules(entries),
        execution_id=str(request.get("execution_id") or ""),
        services=tools.node_services(request, access),
        scope=request.scope,
        may_pause=not any(entry["type"] == PARALLEL_GROUP for entry in entries),
    )


def is_resumed(state: JsonObject, place: int) -> bool:
    """Whether the state holds the permission to run the hitp segment at a place."""
    resume = state.get(RESUME)
    return isinstance(resume, dict) and as_integer(resume.get("segment")) == place


def without_resume(state: JsonObject) -> JsonObject:
    """The state without the permission, which holds for exactly one segment."""
    return {key: value for key, value in state.items() if key != RESUME}


def _stopped(answer: Answer, status: str, error: ErrorInfo) -> Answer:
    return replace(failing(answer, error), status=status, segment_type=status.lower())
