"""``states:startExecution``: executions that Task states start on this engine.

AWS Step Functions Developer Guide, "Launch Step Functions workflow executions from a Task state".
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4, uuid5

import botocore.session
from botocore.model import Shape
from botocore.validate import ParamValidator

from pipeline.api.actions.executions import read_start
from pipeline.api.call import Call
from pipeline.api.errors import ApiError
from pipeline.api.execution_inputs import read_input
from pipeline.api.refusing import refusing
from pipeline.engine.engine import Engine
from pipeline.engine.nested_call import Caller, NestedCall
from pipeline.executions.express_starts import start_express
from pipeline.executions.lifecycle import NewExecution, begin_execution
from pipeline.executor.nested_ends import milliseconds
from pipeline.integrations.services.parameters import missing_field, unsupported_field, unusable
from pipeline.integrations.services.sdk_metadata import sdk_metadata
from pipeline.integrations.services.start_execution import FIELDS as START_FIELDS
from pipeline.integrations.services.start_execution import REQUIRED as START_REQUIRED
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json, JsonObject, dumps
from pipeline.ledger.rows import ExecutionRow
from pipeline.ledger.state_machines import MachineType

_NAMES = UUID("4f1f2b0e-5a0c-4a53-9a3b-0c2f6f6d7c55")
"""Any UUID: those that are made from it and from a call are names of executions."""


def start_nested(engine: Engine, call: NestedCall, caller: Caller | None) -> JsonObject:
    """Start the execution that a Task state wants; the same call never starts two.

    Args:
        engine: Starts it.
        call: What is wanted.
        caller: The frame that wants it, or None for one of an EXPRESS execution.

    Returns:
        The result of the request: ``ExecutionArn``, ``StartDate`` and the answer's metadata.

    Raises:
        ExecutionError: It cannot be started.
        Overtaken: The frame has gone on meanwhile; nothing was started.
    """
    request = _request(call.arguments)
    _, _, _, region, account_id, *_ = call.execution_arn.split(":")
    try:
        row = _start(
            Call(engine=engine, account_id=account_id, region=region, input=request),
            caller,
            is_awaited=call.is_awaited,
        )
    except ApiError as error:
        raise _refused(error) from error
    return {
        "ExecutionArn": row.arn,
        "StartDate": milliseconds(row.started_at),
        **sdk_metadata(str(uuid4()), 200, {"Content-Type": "application/x-amz-json-1.0"}),
    }


def _start(request: Call, caller: Caller | None, *, is_awaited: bool) -> ExecutionRow:
    """Start it as the API does.

    Raises:
        ApiError: The API would have refused.
    """
    target = read_start(request)
    wanted = target.execution(
        read_input(request), request.input.get("name"), request.input.get("traceHeader")
    )
    if target.machine.type is MachineType.EXPRESS:
        if is_awaited:
            raise ApiError(
                "StateMachineTypeNotSupported",
                "This operation is not supported by this type of state machine",
            )
        return start_express(request.engine, wanted)
    with refusing():
        if caller is not None:
            wanted = _called(wanted, caller, is_awaited=is_awaited)
        return begin_execution(request.engine, wanted)


def _called(wanted: NewExecution, caller: Caller, *, is_awaited: bool) -> NewExecution:
    """An execution that knows its caller; if it has no name of its own, one that tells the call."""
    name = wanted.name or str(uuid5(_NAMES, f"{caller.frame_id}-{caller.version}"))
    return replace(wanted, name=name, caller=caller, is_awaited=is_awaited)


def _request(arguments: Json) -> dict[str, Any]:
    """The parameters as the API's StartExecution takes them.

    Raises:
        ExecutionError: States.Runtime; some are wrong or missing.
    """
    if not isinstance(arguments, dict):
        raise unusable(arguments, "The Parameters must be an object")
    wrong = [unsupported_field(name) for name in arguments if name not in START_FIELDS]
    wrong += [missing_field(name) for name in START_REQUIRED if name not in arguments]
    if wrong:
        raise unusable(arguments, ", ".join(wrong))
    request: dict[str, Any] = {
        # To the Java SDK a null is a field that is not there.
        START_FIELDS[name]: value
        for name, value in arguments.items()
        if value is not None
    }
    if not isinstance(request.setdefault("input", {}), str):
        # As AWS: a text is taken for the JSON text of the input.
        request["input"] = dumps(request["input"])
    report = ParamValidator().validate(request, _shape())
    if report.has_errors():
        raise unusable(arguments, report.generate_report())
    return request


@lru_cache(maxsize=1)
def _shape() -> Shape:
    model = botocore.session.get_session().get_service_model("stepfunctions")
    shape: Shape = model.operation_model("StartExecution").input_shape
    return shape


def _refused(error: ApiError) -> ExecutionError:
    code = error.code if error.code.endswith("Exception") else f"{error.code}Exception"
    return ExecutionError(
        f"StepFunctions.{code}",
        f"{error.message} (Service: AWSStepFunctions; Status Code: {error.status}; "
        f"Error Code: {error.code}; Request ID: {uuid4()}; Proxy: null)",
    )
