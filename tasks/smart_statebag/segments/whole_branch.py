"""ExecuteBranch: the segments of a branch until its end, a pause or the limit of time (5.7)."""

from dataclasses import dataclass, replace

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.answers import callback_field, resumed_state
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.failures import normalised
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.segments.loading import Loader
from tasks.smart_statebag.segments.request import SegmentRequest
from tasks.smart_statebag.segments.response import Answer, failing, unchanged, written_document
from tasks.smart_statebag.segments.single import is_resumed, runner_for, without_resume
from tasks.smart_statebag.segments.tools import LambdaContext, SegmentTools, time_is_short
from tasks.smart_statebag.workflow.node_errors import ErrorInfo
from tasks.smart_statebag.workflow.nodes.protected_keys import without_reserved
from tasks.smart_statebag.workflow.partitioning import Entry
from tasks.smart_statebag.workflow.partitioning.entries import HITP, PARALLEL_GROUP
from tasks.smart_statebag.workflow.partitioning.splice import join_of
from tasks.smart_statebag.workflow.segment_runner import (
    SegmentRun,
    SegmentRunner,
    loop_limit,
    pause_not_allowed,
)

CALLBACK_FAILED = "CallbackFailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a branch has come, over all its calls."""

    state: JsonObject
    place: int | None
    processed: int = 0
    entries: tuple[JsonObject, ...] = ()
    tolerated: ErrorInfo | None = None

    def after(self, run: SegmentRun, following: int | None) -> "Progress":
        """The progress after one more segment."""
        return Progress(
            state=run.state,
            place=following,
            processed=self.processed + 1,
            entries=self.entries + run.entries,
            tolerated=self.tolerated or run.error_info,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeBranch:
    """One call that runs a branch."""

    request: SegmentRequest
    loader: Loader
    access: BagAccess
    tools: SegmentTools
    context: LambdaContext | None

    @classmethod
    def of(
        cls,
        request: SegmentRequest,
        access: BagAccess,
        tools: SegmentTools,
        context: LambdaContext | None,
    ) -> "WholeBranch":
        """The call, continuing the one whose response is ``previous``."""
        previous = request.get("previous")
        if isinstance(previous, dict) and previous.get("final_state_s3_path") is not None:
            taken_over: JsonObject = {"state_s3_path": previous["final_state_s3_path"]}
            request = replace(request, fields={**request.fields, **taken_over})
        loader = Loader(request=request, access=access)
        return cls(request=request, loader=loader, access=access, tools=tools, context=context)

    def run(self) -> Answer:
        """Continue where the previous call stopped."""
        before = self.loader.state()
        previous = self._previous()
        start = Answer(
            status=statuses.CONTINUE,
            segment_type="normal",
            document=unchanged(self.request, before, self.access),
            total_segments=len(self.loader.partition_map),
            known_logs=previous.get("logs_s3_path") or self.request.get("logs_s3_path"),
            segments_processed=integer_or(previous.get("segments_processed"), 0),
        )
        place = integer_or(previous.get("next_segment_to_run"), 0)
        progress = Progress(
            state=before,
            place=place if self.loader.partition_map else None,
            processed=start.segments_processed,
        )
        if previous.get("status") in statuses.PAUSED:
            callback = self.request.get("callback_result")
            if callback_field(callback, "status") == statuses.FAILED:
                return failing(start, _callback_error(callback))
            progress = replace(progress, state=resumed_state(before, callback, place))
        return self._loop(start, progress)

    def _previous(self) -> JsonObject:
        previous = self.request.get("previous")
        return previous if isinstance(previous, dict) else {}

    def _loop(self, start: Answer, progress: Progress) -> Answer:
        partition_map = self.loader.partition_map
        runner = runner_for(self.request, self.loader, self.access, self.tools, partition_map)
        limit = runner.rules.branch_limit(len(partition_map))
        began = progress.processed
        while progress.place is not None:
            if progress.processed > limit:
                return _failed(start, progress, loop_limit(progress.processed, limit))
            if progress.processed > began and time_is_short(self.context):
                return self._answer(start, progress, statuses.CONTINUE, "normal")
            entry = self.loader.entry_at(progress.place)
            if entry["type"] == HITP and not is_resumed(progress.state, progress.place):
                return self._paused(start, progress, entry)
            run, following = self._step(runner, entry, progress)
            if run.failed and run.error_info is not None:
                ran = replace(progress, entries=progress.entries + run.entries)
                return _failed(start, ran, run.error_info)
            progress = progress.after(run, following)
        return self._answer(start, progress, statuses.COMPLETE, "final")

    def _step(
        self, runner: SegmentRunner, entry: Entry, progress: Progress
    ) -> tuple[SegmentRun, int | None]:
        grouped = entry["type"] == PARALLEL_GROUP
        skipped = entry.get("status") == "SKIPPED"
        run = replace(runner, may_pause=not grouped).run(
            {**entry, "type": "normal", "nodes": []} if skipped else entry,
            without_resume(progress.state),
            loop=progress.processed,
        )
        if grouped and not skipped:
            return run, join_of(self.loader.partition_map, progress.place or 0)
        return run, run.next_segment

    def _paused(self, start: Answer, progress: Progress, entry: Entry) -> Answer:
        if not self.request.allow_pause:
            return _failed(start, progress, pause_not_allowed(entry))
        paused = self._answer(start, progress, statuses.PAUSED_FOR_HITP, HITP)
        return replace(paused, paused_segment=progress.place, segment_id=progress.place)

    def _answer(self, start: Answer, progress: Progress, status: str, segment_type: str) -> Answer:
        """The answer of a call that stops here; an unchanged state keeps its document."""
        ends = status == statuses.COMPLETE
        state = without_reserved(progress.state) if ends else progress.state
        document = start.document
        if state != document.state:
            at: Json = "end" if progress.place is None else progress.place
            document = written_document(self.request, state, self.access, at)
        tolerated = progress.tolerated if ends else None
        return replace(
            start,
            status=status,
            segment_type="partial_failure" if tolerated is not None else segment_type,
            document=document,
            next_segment=progress.place,
            entries=progress.entries,
            error=tolerated,
            segments_processed=progress.processed,
        )


def _failed(start: Answer, progress: Progress, error: ErrorInfo) -> Answer:
    ran = replace(start, entries=progress.entries, segments_processed=progress.processed)
    return failing(ran, error)


def _callback_error(callback: Json) -> ErrorInfo:
    reported = callback_field(callback, "error_info") or callback_field(callback, "error")
    pair = normalised(reported, default=CALLBACK_FAILED)
    return ErrorInfo(error_type=str(pair["Error"]), error=str(pair["Cause"]))
