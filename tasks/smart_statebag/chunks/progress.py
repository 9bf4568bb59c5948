"""How far a chunk has come, over all its calls."""

from dataclasses import dataclass, field

from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.failures import brief
from tasks.smart_statebag.bag.json_value import Json, JsonObject

COMPLETED, PARTIAL_FAILURE, FAILED = "COMPLETED", "PARTIAL_FAILURE", "FAILED"


@dataclass(slots=True, kw_only=True)
class Progress:
    """Mutable: each segment updates it.

    Attributes:
        place: The segment to run next: in the chunk, after it, or None at the end of the workflow.
        status: Why the call ends, by default COMPLETED.
        error: The normalised error that ended the chunk.
        started: Whether its state and map could be loaded.
    """

    state_path: str | None
    logs_path: str | None
    place: int | None
    processed: int = 0
    failed: int = 0
    results: list[Json] = field(default_factory=list)
    paused: int | None = None
    status: str = COMPLETED
    error: JsonObject | None = None
    started: bool = False

    @property
    def ran(self) -> int:
        """Segments run so far, repeated ones included."""
        return self.processed + self.failed

    def succeed(self, segment: int, status: str) -> None:
        """Record a segment that succeeded."""
        self.processed += 1
        self.results.append({"segment_index": segment, "status": status, "error": None})

    def fail(self, segment: int, error: Json, status: str = FAILED) -> None:
        """Record a segment that failed and so ends the chunk."""
        self.error = brief(error, default=status)
        self.failed += 1
        self.status = PARTIAL_FAILURE if self.processed else FAILED
        named = self.error["Error"]
        self.results.append({"segment_index": segment, "status": status, "error": named})

    def reject(self, error: Json) -> None:
        """Record that the chunk cannot start."""
        self.error = brief(error)
        self.status = PARTIAL_FAILURE if self.processed else FAILED


def progress_after(
    previous: JsonObject, results: list[Json], *, state_path: str | None, place: int
) -> Progress:
    """The progress of a call that continues where the previous call stopped.

    Args:
        previous: The report of that call; empty for a first call.
        results: The results of segments in its record.
    """
    logs = previous.get("logs_s3_path")
    return Progress(
        state_path=state_path,
        logs_path=logs if isinstance(logs, str) else None,
        place=place,
        processed=integer_or(previous.get("processed_segments"), 0),
        results=list(results),
    )
