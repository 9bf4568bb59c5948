"""How far a chunk has come, over all its calls."""

from dataclasses import dataclass, field

from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.failures import brief
from tasks.smart_statebag.bag.json_value import Json, JsonObject

COMPLETED, PARTIAL_FAILURE, FAILED = "COMPLETED", "PARTIAL_FAILURE", "FAILED"


@dataclass(slots=True, kw_only=True)
class Progress:
    """Changed by each segment.

    Attributes:
        place: The segment to run next: within the chunk, behind it, or None at the end of all.
        status: Why the call ends; COMPLETED as long as nothing else is said.
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
        """Segments that ran, which counts the loops of the chunk."""
        return self.processed + self.failed

    def succeed(self, segment: int, status: str) -> None:
        """A segment ran."""
        self.processed += 1
        self.results.append({"segment_index": segment, "status": status, "error": None})

    def fail(self, segment: int, error: Json, status: str = FAILED) -> None:
        """A segment failed and ends the chunk."""
        self.error = brief(error, default=status)
        self.failed += 1
        self.status = PARTIAL_FAILURE if self.processed else FAILED
        named = self.error["Error"]
        self.results.append({"segment_index": segment, "status": status, "error": named})

    def refuse(self, error: Json) -> None:
        """The chunk cannot start."""
        self.error = brief(error)
        self.status = PARTIAL_FAILURE if self.processed else FAILED


def progress_after(
    previous: JsonObject, results: list[Json], *, state_path: str | None, place: int
) -> Progress:
    """The progress of a call that goes on where the one before stopped.

    Args:
        previous: What that call reported; empty for a first call.
        results: What its record lists.
    """
    logs = previous.get("logs_s3_path")
    return Progress(
        state_path=state_path,
        logs_path=logs if isinstance(logs, str) else None,
        place=place,
        processed=integer_or(previous.get("processed_segments"), 0),
        results=list(results),
    )
