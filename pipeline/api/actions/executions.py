"""Actions on executions."""

from typing import Any

from pipeline.api.actions.execution_summary import execution_summary
from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.arns import ExecutionArn, read_execution_arn
from pipeline.executions import child_executions, lifecycle
from pipeline.executions.child_executions import Child, find_child
from pipeline.executions.express_starts import start_express
from pipeline.executions.lifecycle import begin_execution, find_execution
from pipeline.executions.redriving import redrive
from pipeline.executions.start_requests import read_input, read_target
from pipeline.executor.redrivability import why_not
from pipeline.language.json_value import dumps
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from pipeline.ledger.state_machines import MachineType


def start_execution(call: Call) -> Output:
    """Start an execution of a state machine, a version or an alias."""
    engine, given = call.engine, call.input
    with as_api_errors():
        target = read_target(engine, call.account_id, given)
        requested = target.execution(
            read_input(engine, given),
            given.get("name"),
            given.get("traceHeader"),
            given.get("input"),
        )
        is_express = target.machine.type is MachineType.EXPRESS
        row = (start_express if is_express else begin_execution)(engine, requested)
    return {"executionArn": row.arn, "startDate": row.started_at}


def stop_execution(call: Call) -> Output:
    """Stop an execution; leave one that has ended unchanged."""
    given = call.input
    arn = read_execution_arn(call.account_id, given["executionArn"], express=False)
    error, cause = given.get("error", ""), given.get("cause", "")
    with as_api_errors():
        if arn.label is not None:
            child = child_executions.stop_child(call.engine, arn.text, error=error, cause=cause)
            return {"stopDate": child.execution.stopped_at}
        lifecycle.stop_execution(call.engine, arn.text, error=error, cause=cause)
        return {"stopDate": find_execution(call.engine, arn.text).stopped_at}


def redrive_execution(call: Call) -> Output:
    """Resume an execution at the state that failed."""
    arn = read_execution_arn(call.account_id, call.input["executionArn"], express=False)
    with as_api_errors():
        if arn.label is not None:
            child = find_child(call.engine, arn.text)
            raise ApiError("ExecutionNotRedrivable", _child_is_not(child))
        row = find_execution(call.engine, arn.text)
        redriven_at = redrive(call.engine, row, client_token=call.input.get("clientToken"))
    return {"redriveDate": redriven_at}


def _child_is_not(child: Child) -> str:
    return (
        f"Execution '{child.execution.arn}' is a child execution of a Map Run; redrive the "
        "execution that has started the Map Run"
    )


def describe_execution(call: Call) -> Output:
    """Describe an execution, or a child execution of a map run."""
    arn = read_execution_arn(call.account_id, call.input["executionArn"], express=False)
    row, child = find_any(call, arn)
    output: Output = {
        **execution_summary(row),
        "traceHeader": row.trace_header,
        "mapRunArn": child.map_run.arn if child else None,
        # AWS tells no error of an execution that took too long.
        "error": None if row.status is ExecutionStatus.TIMED_OUT else row.error or None,
        "cause": row.cause or None,
        **_redrive_status(call, row, child),
    }
    return output | _document(call, "input", row.input) | _document(call, "output", row.output)


def find_any(call: Call, arn: ExecutionArn) -> tuple[ExecutionRow, Child | None]:
    """The execution with an ARN; and, for a child execution of a map run, the child too.

    Raises:
        ApiError: ExecutionDoesNotExist.
    """
    with as_api_errors():
        if arn.label is None:
            return find_execution(call.engine, arn.text), None
        child = find_child(call.engine, arn.text)
        return child.execution, child


def _redrive_status(call: Call, row: ExecutionRow, child: Child | None) -> Output:
    reason = why_not(call.engine, row)
    if reason is not None:
        return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    return {"redriveStatus": "REDRIVABLE_BY_MAP_RUN" if child else "REDRIVABLE"}


def _document(call: Call, name: str, packed: bytes | None) -> Output:
    if packed is None:
        return {}
    if call.input.get("includedData") == "METADATA_ONLY":
        return {f"{name}Details": {"included": False}}
    value: Any = call.engine.payloads.unpack(packed)
    return {name: dumps(value), f"{name}Details": {"included": True}}
