"""Requests to start an execution, read and checked alike for a client and for a Task state.

API reference: "StartExecution".
"""

from collections.abc import Mapping
from typing import Any

from pipeline.engine.arns import read_state_machine_arn
from pipeline.engine.documents import read_document
from pipeline.engine.engine import Engine
from pipeline.engine.names import check_name
from pipeline.executions.starting import StartTarget, start_target
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.language.data_limits import MAX_BYTES
from pipeline.language.json_value import Json


class InvalidExecutionInput(RejectedRequest):
    """A client has given an input that is not JSON, or is too long."""

    code = "InvalidExecutionInput"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Invalid State Machine Execution Input: '{reason}'")


class StateMachineTypeNotSupported(RejectedRequest):
    """A client asked a state machine for what only those of the other type do."""

    code = "StateMachineTypeNotSupported"

    def __init__(self) -> None:
        super().__init__("This operation is not supported by this type of state machine")


def read_target(engine: Engine, account_id: str, request: Mapping[str, Any]) -> StartTarget:
    """What a request starts an execution of.

    Args:
        engine: Knows the state machines.
        account_id: The account that must own the state machine.
        request: The members of the request by AWS's names.

    Raises:
        InvalidArn: ``stateMachineArn`` is no ARN of a state machine.
        LabelNotSupported: It names a distributed Map state.
        AccountDenied: Another account owns the state machine.
        InvalidName: ``name`` cannot be one.
        StateMachineDoesNotExist: There is nothing with this ARN.
        StateMachineDeleting: The state machine is being deleted.
    """
    arn = read_state_machine_arn(account_id, request["stateMachineArn"])
    if "name" in request:
        check_name(request["name"])
    return start_target(engine, arn.text)


def read_input(engine: Engine, request: Mapping[str, Any]) -> Json:
    """The ``input`` of a request, an empty object when there is none.

    Raises:
        InvalidExecutionInput: It is not JSON, is nested too deeply, or is too long.
    """
    text: str = request.get("input", "{}")
    strict = engine.settings.strict_limits
    if strict and len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        raise InvalidExecutionInput(f"The input is longer than {MAX_BYTES} bytes")
    try:
        return read_document(text)
    except ValueError as error:
        raise InvalidExecutionInput(str(error)) from error
