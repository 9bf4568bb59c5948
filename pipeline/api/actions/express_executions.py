"""The action that runs an EXPRESS execution and answers with its result."""

import asyncio
import math

from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.translated_errors import as_api_errors
from pipeline.executions.express_starts import ExpressEnd, run_for_client
from pipeline.executions.lifecycle import NewExecution
from pipeline.executions.start_requests import (
    StateMachineTypeNotSupported,
    read_input,
    read_target,
)
from pipeline.executions.starting import StartTarget
from pipeline.language.json_value import Json, dumps
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from pipeline.ledger.state_machines import MachineType

LAST_SECONDS = 5.0
"""Seconds that a running execution gets when the endpoint stops."""

_BILLED_UNIT_MILLISECONDS = 100
_BILLED_MEMORY_MB = 64
"""AWS's minimum for billing; StateBag does not measure memory."""


async def start_sync_execution(call: Call) -> Output:
    """Run an EXPRESS execution to its end."""
    target = await asyncio.to_thread(_target, call)
    with as_api_errors():
        given = read_input(call.engine, call.input)
    requested = target.execution(given, call.input.get("name"), call.input.get("traceHeader"))
    row, end = await _until_ending(call, requested)
    output = _output(row, end) | _document(call, "input", given)
    has_output = end.status is ExecutionStatus.SUCCEEDED
    # AWS gives the details of the output of an execution that has none, too.
    output |= _document(call, "output", end.output if has_output else None)
    if not has_output:
        output.pop("output", None)
    return output


async def _until_ending(call: Call, requested: NewExecution) -> tuple[ExecutionRow, ExpressEnd]:
    """The execution's end, if it ends before the endpoint has to stop."""
    running = asyncio.ensure_future(run_for_client(call.engine, requested))
    ending = asyncio.ensure_future(call.ending.wait())
    try:
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({running}, timeout=LAST_SECONDS)
        if running.done():
            return running.result()
    finally:
        ending.cancel()
        running.cancel()  # which does nothing to one that has ended
    raise ApiError(
        "ServiceUnavailableException",
        "The endpoint is stopping and cannot wait for the result of this execution.",
    )


def _document(call: Call, name: str, value: Json) -> Output:
    details = f"{name}Details"
    if call.input.get("includedData") == "METADATA_ONLY":
        return {details: {"included": False}}
    return {name: dumps(value), details: {"included": True}}


def _target(call: Call) -> StartTarget:
    with as_api_errors():
        target = read_target(call.engine, call.account_id, call.input)
        if target.machine.type is not MachineType.EXPRESS:
            raise StateMachineTypeNotSupported
    return target


def _output(row: ExecutionRow, end: ExpressEnd) -> Output:
    milliseconds = (end.stopped_at - end.started_at) * 1000
    units = max(math.ceil(milliseconds / _BILLED_UNIT_MILLISECONDS), 1)
    return {
        "executionArn": row.arn,
        "stateMachineArn": row.machine_arn,
        "name": row.name,
        "startDate": end.started_at,
        "stopDate": end.stopped_at,
        "status": end.status,
        "error": end.error,
        "cause": end.cause,
        "traceHeader": row.trace_header,
        "billingDetails": {
            "billedMemoryUsedInMB": _BILLED_MEMORY_MB,
            "billedDurationInMilliseconds": units * _BILLED_UNIT_MILLISECONDS,
        },
    }
