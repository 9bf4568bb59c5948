"""Actions on the runs of distributed Map states."""

from pipeline.api.actions.executions import find_any
from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.pagination import Position, read_page
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.arns import read_execution_arn, read_map_run_arn
from pipeline.engine.map_run_names import child_execution_arn, child_machine_arn
from pipeline.ledger import map_runs as rows
from pipeline.ledger.fan_out_id import ChildId
from pipeline.ledger.rows import FanOutRow, FanOutStatus
from pipeline.map_runs import status
from pipeline.map_runs.status import Counts

_LIMITS = ("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage")


def describe_map_run(call: Call) -> Output:
    """Describe a map run and its progress."""
    with as_api_errors():
        run = status.find_map_run(call.engine, _arn(call))
    counts = status.count(call.engine, run)
    return {
        "mapRunArn": run.arn,
        "executionArn": _execution_arn(call, run),
        "status": run.status,
        "startDate": run.started_at,
        "stopDate": _stop_date(run),
        "maxConcurrency": run.max_concurrency,
        "toleratedFailureCount": run.tolerated_count,
        "toleratedFailurePercentage": run.tolerated_percentage,
        "itemCounts": _shown(counts.items),
        "executionCounts": _shown(counts.executions),
        "redriveCount": run.redrive_count or None,
        "redriveDate": run.redriven_at,
    }


def list_map_runs(call: Call) -> Output:
    """List the map runs that an execution has started."""
    arn = read_execution_arn(call.account_id, call.input["executionArn"])
    execution, child = find_any(call, arn)
    execution_id = child.map_run.execution_id if child else execution.id

    def fetch(after: Position | None, limit: int) -> list[FanOutRow]:
        with call.engine.database.reading() as connection:
            return rows.map_runs_of(
                connection, execution_id, execution.id, after=after, limit=limit
            )

    page, token = read_page(
        call,
        ["ListMapRuns", arn.text],
        fetch,
        lambda run: [-run.started_at, run.arn or ""],
    )
    listed = [_listed(run, arn.text) for run in page]
    return {"mapRuns": listed, "nextToken": token}


def update_map_run(call: Call) -> Output:
    """Change the concurrency or the tolerated failures of a running map run."""
    given = call.input
    arn = _arn(call)
    if not any(name in given for name in _LIMITS):
        raise ApiError(
            "ValidationException",
            f"At least one of {', '.join(_LIMITS)} must be specified.",
            reason="MISSING_REQUIRED_PARAMETER",
        )
    with as_api_errors():
        status.change_limits(
            call.engine,
            arn,
            max_concurrency=given.get("maxConcurrency"),
            tolerated_count=given.get("toleratedFailureCount"),
            tolerated_percentage=given.get("toleratedFailurePercentage"),
        )
    return {}


def _arn(call: Call) -> str:
    return read_map_run_arn(call.account_id, call.input["mapRunArn"]).text


def _execution_arn(call: Call, run: FanOutRow) -> str:
    """ARN of the execution, or of the child execution of another map run, that started a run."""
    if run.history_id == run.execution_id:
        return call.engine.executions.cached(run.execution_id).context.execution_arn
    outer = call.engine.fan_outs.cached(ChildId.parse(run.history_id).fan_out_id)
    return child_execution_arn(outer.arn or "", run.history_id)


def _stop_date(run: FanOutRow) -> float | None:
    return None if run.status is FanOutStatus.RUNNING else run.stopped_at


def _shown(counts: Counts) -> Output:
    return {
        "pending": counts.pending,
        "running": counts.running,
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "timedOut": counts.timed_out,
        "aborted": counts.aborted,
        "total": counts.total,
        "resultsWritten": counts.results_written,
        "failuresNotRedrivable": counts.not_redrivable or None,
        "pendingRedrive": counts.pending_redrive or None,
    }


def _listed(run: FanOutRow, execution_arn: str) -> Output:
    return {
        "executionArn": execution_arn,
        "mapRunArn": run.arn,
        "stateMachineArn": child_machine_arn(run.arn or ""),
        "startDate": run.started_at,
        "stopDate": _stop_date(run),
    }
