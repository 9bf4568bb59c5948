"""Errors of nodes: faults of the workflow, not of the infrastructure (Contract 5.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tasks.smart_statebag.bag.json_value import Json, JsonObject

CAUSE_LIMIT: Final = 4096
"""Characters of a Cause in a main loop; ``BRANCH_CAUSE_LIMIT`` in branches, items, chunks."""
BRANCH_CAUSE_LIMIT: Final = 256


class NodeError(Exception):
    """A node failed; ``error_type`` is the name that the state machine sees."""

    def __init__(
        self,
        error_type: str,
        cause: str,
        *,
        retryable: bool = False,
        branch_errors: Sequence[JsonObject] = (),
    ) -> None:
        super().__init__(error_type, cause)
        self.error_type = error_type
        self.cause = cause
        self.retryable = retryable
        self.branch_errors = tuple(branch_errors)

    def __str__(self) -> str:
        return f"{self.error_type}: {self.cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One local attempt that failed."""

    attempt: int
    error_type: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorInfo:
    """``error_info`` of a result, before its Cause is cut."""

    error_type: str
    error: str
    node_id: str | None = None
    segment_id: int | None = None
    retryable: bool = False
    attempts: tuple[Attempt, ...] = ()
    branch_errors: tuple[JsonObject, ...] = ()

    def as_json(self, cause_limit: int = CAUSE_LIMIT) -> JsonObject:
        """The object of Contract 5.5; ``Error``/``Cause`` is the pair a Catch writes.

        The causes of earlier attempts are cut, so that a long one is not repeated in full.
        """
        cause = self.error[:cause_limit]
        attempts: list[Json] = [
            {
                "attempt": attempt.attempt,
                "error_type": attempt.error_type,
                "error": attempt.error[:BRANCH_CAUSE_LIMIT],
            }
            for attempt in self.attempts
        ]
        return {
            "Error": self.error_type,
            "Cause": cause,
            "error_type": self.error_type,
            "error": cause,
            "node_id": self.node_id,
            "segment_id": self.segment_id,
            "retryable": self.retryable,
            "attempts": attempts,
            "branch_errors": list(self.branch_errors),
        }
