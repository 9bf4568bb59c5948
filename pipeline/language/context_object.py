"""The context object, the value of ``$$`` (specification: "The Context Object")."""

from dataclasses import dataclass

from pipeline.language.json_value import Json, JsonObject
from pipeline.language.timestamps import format_timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionContext:
    """The part of the context object about the execution and its state machine.

    Attributes:
        execution_arn, execution_name, execution_input, started_at: ``$$.Execution``;
            ``started_at`` in epoch seconds.
        role_arn: ``$$.Execution.RoleArn``.
        redrive_count: ``$$.Execution.RedriveCount``.
        redriven_at: ``$$.Execution.RedriveTime`` in epoch seconds; None before the first redrive.
        machine_arn, machine_name: ``$$.StateMachine``.
        version_arn, alias_arn: The published version that runs, and the alias that chose it, or
            None; only ExecutionStarted shows them.
        region: The AWS region in TaskScheduled events.
        input_text: The input as the client wrote it, which only ExecutionStarted shows; None if it
            did not come as text.
        strict_limits: Whether a state's input and output are limited to 256 KiB.
    """

    execution_arn: str
    execution_name: str
    execution_input: Json
    started_at: float
    role_arn: str
    machine_arn: str
    machine_name: str
    region: str
    version_arn: str | None = None
    alias_arn: str | None = None
    redrive_count: int = 0
    redriven_at: float | None = None
    input_text: str | None = None
    strict_limits: bool = True


def context_object(
    execution: ExecutionContext,
    *,
    state_name: str,
    entered_at: float,
    retry_count: int | None,
    token: str | None,
    map_item: JsonObject | None,
) -> JsonObject:
    """The context object of one state.

    Args:
        execution: The part that all states of the execution share.
        state_name: ``$$.State.Name``.
        entered_at: ``$$.State.EnteredTime`` in epoch seconds.
        retry_count: ``$$.State.RetryCount``; None for a state that cannot have retriers.
        token: ``$$.Task.Token``, or None.
        map_item: ``$$.Map.Item``; None outside an iteration.
    """
    shown: JsonObject = {
        "Id": execution.execution_arn,
        "Input": execution.execution_input,
        "Name": execution.execution_name,
        "RoleArn": execution.role_arn,
        "StartTime": format_timestamp(execution.started_at),
        "RedriveCount": execution.redrive_count,
    }
    if execution.redriven_at is not None:
        shown["RedriveTime"] = format_timestamp(execution.redriven_at)
    state: JsonObject = {"EnteredTime": format_timestamp(entered_at), "Name": state_name}
    if retry_count is not None:
        state["RetryCount"] = retry_count
    context: JsonObject = {
        "Execution": shown,
        "State": state,
        "StateMachine": {"Id": execution.machine_arn, "Name": execution.machine_name},
    }
    if token is not None:
        context["Task"] = {"Token": token}
    if map_item is not None:
        context["Map"] = {"Item": map_item}
    return context
