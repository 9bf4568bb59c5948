"""The items of a Map: those of a distributed Map's run, failed ones first."""

from starlette.responses import Response

from pipeline.api.translated_errors import as_api_errors
from pipeline.console.json_difference import differences
from pipeline.console.records.values import shown, shown_packed
from pipeline.console.view import View, address
from pipeline.engine.arns import read_map_run_arn
from pipeline.engine.map_run_names import child_execution_arn
from pipeline.ledger.child_executions import children_before
from pipeline.ledger.children_by_status import children_in_group
from pipeline.ledger.rows import ExecutionStatus, FrameRow
from pipeline.map_runs.status import find_map_run

_PAGE = 50


_BY_POSITION = {"aborted": ExecutionStatus.ABORTED, "succeeded": ExecutionStatus.SUCCEEDED}
"""Groups that may be large: their children are listed latest first, by position."""


def map_run(view: View) -> Response:
    """A map run: its counts, its limits and its child executions."""
    described = view.ask("DescribeMapRun", mapRunArn=view.parameter("arn"))
    with as_api_errors():
        arn = read_map_run_arn(view.session.account_id, described["mapRunArn"]).text
        run = find_map_run(view.engine, arn)
    counts = described["executionCounts"]
    by_group = {
        "failed": counts["failed"] + counts["timedOut"],
        "running": counts["running"] + (counts["pendingRedrive"] or 0),
        "aborted": counts["aborted"],
        "succeeded": counts["succeeded"],
    }
    present = [name for name, count in by_group.items() if count]
    group = view.query.get("group", "")
    group = group if group in by_group else (present or ["running"])[0]
    first, before = view.number("first"), view.number("before", run.taken)
    with view.engine.database.reading() as connection:
        if group in _BY_POSITION:
            children = children_before(
                connection, run.id, before, status=_BY_POSITION[group], limit=_PAGE
            )
        else:
            children = children_in_group(connection, run.id, group, offset=first, limit=_PAGE)
    snapshots = [
        view.engine.payloads.unpack(packed)
        for packed in (run.pre_snapshot, run.post_snapshot)
        if packed is not None
    ]
    changes = list(differences(snapshots[0], snapshots[1])) if len(snapshots) > 1 else []
    return view.page(
        "map_run",
        title=f"Map run of {run.state}",
        run=run,
        described=described,
        counts=counts,
        by_group=by_group,
        group=group,
        children=[
            (child, child_execution_arn(arn, child.id), shown_packed(view.engine, child.output))
            for child in children
        ],
        first=first,
        shown=_PAGE,
        more=lambda begin: address("map-run", arn=arn, group=group, first=begin),
        older=_older(arn, group, children),
        snapshots=[shown(snapshot) for snapshot in snapshots],
        changes=[(each, shown(each.old), shown(each.new)) for each in changes],
        updates=address("updates", arn=arn) if run.status == "RUNNING" else None,
    )


def _older(arn: str, group: str, children: list[FrameRow]) -> str | None:
    """The address of the next page of a group that is listed by position."""
    if group not in _BY_POSITION or len(children) < _PAGE:
        return None
    return address("map-run", arn=arn, group=group, before=children[-1].position)
