"""Branches that ran in process become one state (Contract 4.7, 4.8, 5.6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.smart_statebag.bag.errors import MergeConflict
from tasks.smart_statebag.bag.failure_policy import fails, policy_error
from tasks.smart_statebag.bag.folding import fold
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.node_errors import BRANCH_CAUSE_LIMIT, ErrorInfo
from tasks.smart_statebag.workflow.rules import Rules

SHOWN_ERRORS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchResult:
    """What a branch left; with an error that ended it, its state is not merged."""

    branch_id: str
    state: JsonObject
    failure: ErrorInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The state after a group, or its failure, or the failures that the policy tolerates."""

    state: JsonObject
    failure: ErrorInfo | None = None
    tolerated: ErrorInfo | None = None


def join_branches(base: JsonObject, results: Sequence[BranchResult], rules: Rules) -> Joined:
    """Fold the successes over the base, unless the failure policy says that the group failed."""
    failed = [result for result in results if result.failure is not None]
    errors = [_branch_error(result) for result in failed]
    failure = branches_failed(errors, len(results)) if failed else None
    if fails(rules.failure_policy, failed=len(failed), total=len(results)):
        return Joined(state=base, failure=failure)
    states = [result.state for result in results if result.failure is None]
    try:
        folded = fold(base, states, rules.merge_policy)
    except MergeConflict as conflict:
        error = ErrorInfo(error_type="MergeConflict", error=str(conflict))
        return Joined(state=base, failure=error)
    return Joined(state=folded.state, tolerated=failure)


def branches_failed(errors: Sequence[JsonObject], total: int) -> ErrorInfo:
    """The error of a group of which some branches failed, with their first five errors.

    Args:
        errors: ``{branch_id, Error, Cause}`` of each failed branch.
    """
    pair = policy_error("BranchesFailed", [str(error["branch_id"]) for error in errors], total)
    return ErrorInfo(
        error_type=str(pair["Error"]),
        error=str(pair["Cause"]),
        branch_errors=tuple(errors[:SHOWN_ERRORS]),
    )


def _branch_error(result: BranchResult) -> JsonObject:
    return {"branch_id": result.branch_id, **_pair(result.failure)}


def _pair(failure: ErrorInfo | None) -> JsonObject:
    if failure is None:
        return {}
    return {"Error": failure.error_type, "Cause": failure.error[:BRANCH_CAUSE_LIMIT]}
