"""``states:startExecution``: executions that Task states start on this engine.

AWS Step Functions Developer Guide, "Launch Step Functions workflow executions from a Task state".
"""

from dataclasses import replace
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4, uuid5

import botocore.session
from botocore.model import Shape
from botocore.validate import ParamValidator

from pipeline.engine.engine import Engine
from pipeline.engine.nested_call import Caller, NestedCall
from pipeline.executions.express_starts import start_express
from pipeline.executions.lifecycle import NewExecution, begin_execution
from pipeline.executions.start_requests import (
    StateMachineTypeNotSupported,
    read_input,
    read_target,
)
from pipeline.executor.nested_ends import milliseconds
from pipeline.integrations.arns import Arn
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.integrations.services.parameters import missing_field, unsupported_field, unusable
from pipeline.integrations.services.sdk_metadata import sdk_metadata
from pipeline.integrations.services.start_execution import FIELDS as START_FIELDS
from pipeline.integrations.services.start_execution import REQUIRED as START_REQUIRED
from pipeline.language.errors import ExecutionError, InvalidDefinition
from pipeline.language.json_value import Json, JsonObject, dumps
from pipeline.ledger.rows import ExecutionRow
from pipeline.ledger.state_machines import MachineType
from pipeline.state_machines.rejected_definitions import DefinitionRejected

_NAMES = UUID("4f1f2b0e-5a0c-4a53-9a3b-0c2f6f6d7c55")
"""Any UUID: those that are made from it and from a call are names of executions."""


def start_nested(engine: Engine, call: NestedCall, caller: Caller | None) -> JsonObject:
    """Start the execution that a Task state wants; the same call never starts two.

    Args:
        engine: Starts it.
        call: The call to make.
        caller: The frame that wants it, or None for one of an EXPRESS execution.

    Returns:
        The result of the request: ``ExecutionArn``, ``StartDate`` and the answer's metadata.

    Raises:
        ExecutionError: It cannot be started.
        Overtaken: The frame has gone on meanwhile; nothing was started.
    """
    request = _request(call.arguments)
    account_id = Arn.parse(call.execution_arn).account_id
    try:
        requested, machine_type = _requested(engine, account_id, request)
        row = _start(engine, requested, machine_type, caller, is_awaited=call.is_awaited)
    except RejectedRequest as rejection:
        raise _rejected(rejection) from rejection
    except InvalidDefinition as error:  # stored by a release that took it
        raise _rejected(DefinitionRejected(error.problems)) from error
    return {
        "ExecutionArn": row.arn,
        "StartDate": milliseconds(row.started_at),
        **sdk_metadata(str(uuid4()), 200, {"Content-Type": "application/x-amz-json-1.0"}),
    }


def _requested(
    engine: Engine, account_id: str, request: dict[str, Any]
) -> tuple[NewExecution, MachineType]:
    """The execution that a request wants, and the type of its state machine.

    Raises:
        RejectedRequest: The API would have rejected the request.
    """
    target = read_target(engine, account_id, request)
    given = read_input(engine, request)
    requested = target.execution(given, request.get("name"), request.get("traceHeader"))
    return requested, target.machine.type


def _start(
    engine: Engine,
    requested: NewExecution,
    machine_type: MachineType,
    caller: Caller | None,
    *,
    is_awaited: bool,
) -> ExecutionRow:
    """Start it as the API does.

    Raises:
        RejectedRequest: The API would have rejected the request.
    """
    if machine_type is MachineType.EXPRESS:
        if is_awaited:
            raise StateMachineTypeNotSupported
        return start_express(engine, requested)
    if caller is not None:
        requested = _called(requested, caller, is_awaited=is_awaited)
    return begin_execution(engine, requested)


def _called(requested: NewExecution, caller: Caller, *, is_awaited: bool) -> NewExecution:
    """An execution that knows its caller; without a name of its own it is named after the call."""
    name = requested.name or str(uuid5(_NAMES, f"{caller.frame_id}-{caller.call}"))
    return replace(requested, name=name, caller=caller, is_awaited=is_awaited)


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


def _rejected(rejection: RejectedRequest) -> ExecutionError:
    """The error that the Task state gets where a client gets a rejection."""
    code = rejection.code if rejection.code.endswith("Exception") else f"{rejection.code}Exception"
    return ExecutionError(
        f"StepFunctions.{code}",
        f"{rejection} (Service: AWSStepFunctions; Status Code: {HTTPStatus.BAD_REQUEST}; "
        f"Error Code: {rejection.code}; Request ID: {uuid4()}; Proxy: null)",
    )
