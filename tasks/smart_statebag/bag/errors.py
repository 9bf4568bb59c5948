"""The errors of the Smart StateBag (Contract 4.11).

A class name is the error name a state machine sees, so retriers and catchers name these classes.
"""

from dataclasses import dataclass
from typing import ClassVar


class StateBagError(Exception):
    """Root of the errors; ``retryable`` says whether the same call may succeed later."""

    retryable: ClassVar[bool] = False


class StorageUnavailable(StateBagError):
    """The object store or a table did not answer after the local attempts."""

    retryable = True

    def __init__(self, place: str, reason: str, *, attempts: int = 1) -> None:
        super().__init__(place, reason, attempts)
        self.place = place
        self.reason = reason
        self.attempts = attempts

    def __str__(self) -> str:
        return f"{self.place} is not available after {self.attempts} attempts: {self.reason}"


class IntegrityError(StateBagError):
    """The bytes of an object are not the bytes that were written."""

    retryable = True

    def __init__(self, place: str, *, expected: str, actual: str) -> None:
        super().__init__(place, expected, actual)
        self.place = place
        self.expected = expected
        self.actual = actual

    def __str__(self) -> str:
        return f"{self.place} has the hash {self.actual} instead of {self.expected}"


class InvalidInput(StateBagError, ValueError):
    """An event lacks something a function needs."""

    def __init__(self, field: str, reason: str = "is required") -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.field} {self.reason}"


class UnknownAction(StateBagError, ValueError):
    """StateDataManager has no such action (in this artefact)."""

    def __init__(self, action: object, known: tuple[str, ...]) -> None:
        super().__init__(action, known)
        self.action = action
        self.known = known

    def __str__(self) -> str:
        return f"Unknown action {self.action!r}; known are {', '.join(self.known)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One thing wrong with a workflow configuration, and where (``/nodes/3/config``)."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place or '/'}: {self.message}"


class InvalidWorkflowConfig(StateBagError, ValueError):
    """A workflow configuration is missing or does not conform; it carries every problem."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(str(problem) for problem in self.problems)


class CycleDetected(StateBagError):
    """The graph has a cycle that no back edge declares."""

    def __init__(self, node_ids: tuple[str, ...]) -> None:
        super().__init__(node_ids)
        self.node_ids = node_ids

    def __str__(self) -> str:
        return f"The nodes {', '.join(self.node_ids)} form a cycle"


class UnsupportedTopology(StateBagError):
    """A construct is valid but not supported where it stands."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class TooManyBranches(StateBagError):
    """A parallel group has more branches than fit beside a bag."""

    def __init__(self, place: str, count: int, limit: int = 100) -> None:
        super().__init__(place, count, limit)
        self.place = place
        self.count = count
        self.limit = limit

    def __str__(self) -> str:
        return f"{self.place} has {self.count} branches, at most {self.limit} are allowed"


class CorruptEnvelope(StateBagError):
    """An envelope or a pointer does not hold what its kind requires."""

    def __init__(self, envelope: str, reason: str) -> None:
        super().__init__(envelope, reason)
        self.envelope = envelope
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.envelope}: {self.reason}"


class PointerOutOfScope(StateBagError):
    """A pointer leaves the state bucket or the prefix of the bag's owner."""

    def __init__(self, pointer: str, scope: str) -> None:
        super().__init__(pointer, scope)
        self.pointer = pointer
        self.scope = scope

    def __str__(self) -> str:
        return f"{self.pointer} does not lie below {self.scope}"


class NotSerialisable(StateBagError):
    """A value is not JSON."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"The value is not JSON: {self.reason}"


class PayloadTooLarge(StateBagError):
    """A result exceeds the limit even after every field was offloaded that may be."""

    def __init__(self, *, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(size_bytes, limit_bytes)
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes

    def __str__(self) -> str:
        return f"The payload has {self.size_bytes} bytes, the limit is {self.limit_bytes}"


class SegmentOutOfRange(StateBagError):
    """A segment index lies outside the partition map in force."""

    def __init__(self, segment: object, total_segments: int) -> None:
        super().__init__(segment, total_segments)
        self.segment = segment
        self.total_segments = total_segments

    def __str__(self) -> str:
        return f"Segment {self.segment!r} is not one of {self.total_segments} segments"


class ChunkContinuityError(StateBagError):
    """The chunk before this one left no successful record."""

    def __init__(self, chunk_id: str, reason: str) -> None:
        super().__init__(chunk_id, reason)
        self.chunk_id = chunk_id
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.chunk_id} cannot start: {self.reason}"


class DuplicateExecution(StateBagError):
    """Another execution holds the idempotency row."""

    def __init__(self, idempotency_key: str, holder: str) -> None:
        super().__init__(idempotency_key, holder)
        self.idempotency_key = idempotency_key
        self.holder = holder

    def __str__(self) -> str:
        return f"The key {self.idempotency_key} belongs to {self.holder}"


class AggregationFailed(StateBagError):
    """The results of a strategy Map cannot be aggregated under the failure policy."""

    def __init__(self, reason: str, *, total: int = 0, failed: int = 0) -> None:
        super().__init__(reason, total, failed)
        self.reason = reason
        self.total = total
        self.failed = failed

    def __str__(self) -> str:
        return f"{self.reason} ({self.failed} of {self.total} failed)"


class AsyncLLMRequiredException(StateBagError):
    """A segment must run asynchronously; the machines catch it as a guard (Contract 5.9)."""

    def __init__(self, node_id: str) -> None:
        super().__init__(node_id)
        self.node_id = node_id

    def __str__(self) -> str:
        return f"The LLM node {self.node_id} must run asynchronously"


class MergeConflict(StateBagError):
    """Two items changed the same keys and ``merge_policy`` is ``error`` (Contract 4.7)."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(keys)
        self.keys = keys

    def __str__(self) -> str:
        return f"Several items changed {', '.join(self.keys)}"


class MissingSetting(StateBagError):
    """An environment variable that this call needs is not set or cannot be used."""

    def __init__(
        self, name: str, aliases: tuple[str, ...] = (), *, reason: str = "is not set"
    ) -> None:
        super().__init__(name, aliases, reason)
        self.name = name
        self.aliases = aliases
        self.reason = reason

    def __str__(self) -> str:
        also = f" (or {', '.join(self.aliases)})" if self.aliases else ""
        return f"The environment variable {self.name}{also} {self.reason}"
