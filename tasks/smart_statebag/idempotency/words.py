"""The statuses of a row of the idempotency table (Contract 9.2)."""

RUNNING, SUCCEEDED, FAILED = "RUNNING", "SUCCEEDED", "FAILED"
"""What is written. The state machines, which read, know IN_PROGRESS and COMPLETED as well."""

WRITTEN_FOR: dict[str, str] = {
    "SUCCEEDED": SUCCEEDED,
    "FAILED": FAILED,
    "TIMED_OUT": FAILED,
    "ABORTED": FAILED,
}
"""What is written for the terminal status of an execution; any other status is not an end."""
