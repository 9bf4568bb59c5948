"""The list of executions, with its filters."""

from datetime import UTC, datetime

from starlette.responses import Response

from pipeline.console.pages.machine import all_of
from pipeline.console.view import View, address
from pipeline.ledger.execution_search import search
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus

_PAGE = 50


def executions(view: View) -> Response:
    """Executions of all state machines, or of one, newest first."""
    query = view.query
    machines = list(all_of(view, "ListStateMachines", "stateMachines"))
    standard = [each for each in machines if each["type"] == "STANDARD"]
    arns = [each["stateMachineArn"] for each in standard]
    machine = query.get("machine", "")
    status = query.get("status", "")
    with view.engine.database.reading() as connection:
        rows = search(
            connection,
            [arn for arn in arns if machine in ("", arn)],
            status=status or None,
            name=query.get("name", "").strip() or None,
            since=_moment(query.get("since", "")),
            until=_moment(query.get("until", "")),
            before=_position(query.get("before", "")),
            limit=_PAGE + 1,
        )
    return view.page(
        "executions",
        title="Executions",
        rows=rows[:_PAGE],
        machines=standard,
        machine=machine,
        status=status,
        statuses=[each for each in ExecutionStatus if each is not ExecutionStatus.PENDING_REDRIVE],
        query=query,
        next=_next(view, rows),
        seconds=lambda row: (row.stopped_at or view.engine.clock()) - row.started_at,
    )


def _next(view: View, rows: list[ExecutionRow]) -> str | None:
    if len(rows) <= _PAGE:
        return None
    last = rows[_PAGE - 1]
    return address("executions", **{**view.query, "before": f"{last.listed_at!r} {last.id}"})


def _position(text: str) -> tuple[float, str] | None:
    at, _, execution_id = text.partition(" ")
    try:
        return (float(at), execution_id) if execution_id else None
    except ValueError:
        return None


def _moment(text: str) -> float | None:
    """Epoch seconds of a time as a form gives it, which is meant in UTC; None for no time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() if text else None
    except ValueError:
        return None
