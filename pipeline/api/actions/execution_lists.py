"""The action that lists executions."""

from pipeline.api.actions.execution_summary import execution_summary
from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.pagination import Position, read_page
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.arns import StateMachineArn, read_map_run_arn, read_state_machine_arn
from pipeline.executions.child_executions import Child, list_children
from pipeline.executions.starting import start_target
from pipeline.ledger.executions import executions_of
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from pipeline.ledger.state_machines import MachineType
from pipeline.map_runs.status import find_map_run
from pipeline.state_machines.machines import find_state_machine

_REDRIVEN = {"REDRIVEN": True, "NOT_REDRIVEN": False}


def list_executions(call: Call) -> Output:
    """List the executions of a state machine, a version or an alias, or those of a map run."""
    given = call.input
    if ("stateMachineArn" in given) is ("mapRunArn" in given):
        raise ApiError(
            "ValidationException",
            "Must specify exactly one of the following: stateMachineArn, mapRunArn",
            reason="MISSING_REQUIRED_PARAMETER",
        )
    return _of_map_run(call) if "mapRunArn" in given else _of_machine(call)


def _of_machine(call: Call) -> Output:
    status = call.input.get("statusFilter")
    if "redriveFilter" in call.input:
        raise _of_map_runs_only("redriveFilter")
    if status == ExecutionStatus.PENDING_REDRIVE:
        raise _of_map_runs_only(f"statusFilter {status}")
    arn = read_state_machine_arn(call.account_id, call.input["stateMachineArn"])
    _check_type(call, arn)

    def fetch(before: Position | None, limit: int) -> list[ExecutionRow]:
        with call.engine.database.reading() as connection:
            return executions_of(
                connection,
                machine_arn=arn.machine_arn,
                version_arn=arn.text if arn.is_version else None,
                alias_arn=arn.text if arn.is_alias else None,
                status=status,
                before=None if before is None else (float(before[0]), str(before[1])),
                limit=limit,
            )

    rows, token = read_page(
        call, ["ListExecutions", arn.text, status], fetch, lambda row: [row.listed_at, row.id]
    )
    return {"executions": [execution_summary(row) for row in rows], "nextToken": token}


def _of_map_runs_only(what: str) -> ApiError:
    return ApiError("ValidationException", f"{what} can only be used together with mapRunArn")


def _check_type(call: Call, arn: StateMachineArn) -> None:
    with as_api_errors():
        if arn.qualifier is not None:
            start_target(call.engine, arn.text)
        machine = find_state_machine(call.engine, arn.machine_arn)
    if machine.type is MachineType.EXPRESS:
        raise ApiError(
            "StateMachineTypeNotSupported",
            "This operation is not supported by this type of state machine",
        )


def _of_map_run(call: Call) -> Output:
    given = call.input
    arn = read_map_run_arn(call.account_id, given["mapRunArn"])
    with as_api_errors():
        run = find_map_run(call.engine, arn.text)
    status, redriven = given.get("statusFilter"), given.get("redriveFilter")

    def fetch(before: Position | None, limit: int) -> list[Child]:
        return list_children(
            call.engine,
            run,
            status=None if status is None else ExecutionStatus(status),
            redriven=None if redriven is None else _REDRIVEN[redriven],
            before=None if before is None else int(before[0]),
            limit=limit,
        )

    children, token = read_page(
        call,
        ["ListExecutions", arn.text, status, redriven],
        fetch,
        lambda child: [child.row.position or 0],
    )
    listed = [
        execution_summary(child.execution)
        | {"mapRunArn": arn.text, "itemCount": child.row.item_count}
        for child in children
    ]
    return {"executions": listed, "nextToken": token}
