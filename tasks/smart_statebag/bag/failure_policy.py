"""When failed items make the whole fail (Contract 4.8)."""

import os
from collections.abc import Callable

from tasks.smart_statebag.bag.json_value import Json, JsonObject

DEFAULT_POLICY = "fail_on_any_failure"
VARIABLE = "DISTRIBUTED_FAILURE_POLICY"

POLICIES: dict[str, Callable[[int, int], bool]] = {
    "fail_on_any_failure": lambda failed, _total: failed > 0,
    "fail_on_majority_failure": lambda failed, total: failed * 2 > total,
    "fail_on_all_failure": lambda failed, total: failed == total > 0,
}
"""Policy -> whether ``failed`` of ``total`` items fail the whole."""


def policy_of(configured: Json) -> str:
    """The configured policy, else the environment's, else the default.

    An unknown word counts as unset, so the strictest policy applies.
    """
    for word in (configured, os.environ.get(VARIABLE)):
        if word:
            return str(word) if word in POLICIES else DEFAULT_POLICY
    return DEFAULT_POLICY


def fails(policy: str, *, failed: int, total: int) -> bool:
    """Whether ``failed`` of ``total`` items fail the whole under a policy."""
    return POLICIES[policy](failed, total)


def policy_error(error: str, failed_ids: list[str], total: int) -> JsonObject:
    """The error of the whole: the counts and the first five failed ids."""
    named = ", ".join(failed_ids[:5])
    more = ", ..." if len(failed_ids) > 5 else ""
    return {"Error": error, "Cause": f"{len(failed_ids)} of {total} failed: {named}{more}"}
