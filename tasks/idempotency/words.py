"""The statuses of a row of the idempotency table (Contract 9.2)."""

RUNNING, SUCCEEDED, FAILED = "RUNNING", "SUCCEEDED", "FAILED"
"""What is written."""

READ_AS_RUNNING = frozenset({RUNNING, "IN_PROGRESS"})
READ_AS_SUCCEEDED = frozenset({SUCCEEDED, "COMPLETED"})
"""What the state machines take for a duplicate: their Choice states name the same words."""

WRITTEN_FOR: dict[str, str] = {
    "SUCCEEDED": SUCCEEDED,
    "FAILED": FAILED,
    "TIMED_OUT": FAILED,
    "ABORTED": FAILED,
}
"""What is written for the terminal status of an execution; any other status is not an end."""
