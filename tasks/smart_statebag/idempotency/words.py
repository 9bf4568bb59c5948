"""The statuses of a row of the idempotency table (Contract 9.2)."""

RUNNING, SUCCEEDED, FAILED = "RUNNING", "SUCCEEDED", "FAILED"
"""What the functions write; the state machines also read IN_PROGRESS and COMPLETED."""

WRITTEN_FOR: dict[str, str] = {
    "SUCCEEDED": SUCCEEDED,
    "FAILED": FAILED,
    "TIMED_OUT": FAILED,
    "ABORTED": FAILED,
}
"""Terminal status of an execution -> status of its row; any other status is not terminal."""
