"""Statuses of results and what follows from them (Contract 4.3)."""

from tasks.smart_statebag.bag.json_value import Json

SUCCESS_WORDS = frozenset({"COMPLETE", "COMPLETED", "SUCCESS", "SUCCEEDED", "CONTINUE", "SKIPPED"})
"""Items with these succeeded; any other word, and null, is a failure."""

FAILED = "FAILED"
FAILING = frozenset({FAILED, "HALTED", "SIGKILL"})
COMPLETE = "COMPLETE"
CONTINUE = "CONTINUE"
GOING_ON = frozenset({CONTINUE, "SKIPPED"})
PARALLEL_GROUP = "PARALLEL_GROUP"
PARALLEL_WORDS = frozenset({PARALLEL_GROUP, "SCHEDULED_PARALLEL"})
SEQUENTIAL_BRANCH = "SEQUENTIAL_BRANCH"
PAUSED_FOR_HITP = "PAUSED_FOR_HITP"
PAUSED = frozenset({PAUSED_FOR_HITP, "PAUSE"})
PAUSED_FOR_ASYNC_LLM = "PAUSED_FOR_ASYNC_LLM"
PARTIAL_FAILURE = "PARTIAL_FAILURE"
RESUMED = "RESUMED"

UNKNOWN_STATUS = "UnknownStatus"
INVALID_RESULT = "InvalidResult"


def succeeded(status: Json) -> bool:
    """Whether an item with this status counts as a success."""
    return isinstance(status, str) and status in SUCCESS_WORDS
