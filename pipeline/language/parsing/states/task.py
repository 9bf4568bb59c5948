"""Parses the Task state (specification: "Task State")."""

from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.paths import constant_or_path
from pipeline.language.parsing.seams import refuse_unsupported, unsupported
from pipeline.language.parsing.shared_fields import (
    read_error_handling,
    read_input_output,
    read_result_fields,
    read_state_fields,
    read_transition,
)
from pipeline.language.resource import SERVICE_INTEGRATIONS, Pattern, Resource, parse_resource
from pipeline.language.states.task import Task

_LAMBDA_PATTERNS = (Pattern.REQUEST_RESPONSE, Pattern.WAIT_FOR_TASK_TOKEN)


def parse_task(reader: ObjectReader, name: str) -> Task:
    """Parse a Task state."""
    refuse_unsupported(reader, "Arguments", "Assign", "Credentials", "Output")
    timeout_seconds = reader.integer("TimeoutSeconds", minimum=1)
    heartbeat_seconds = reader.integer("HeartbeatSeconds", minimum=1)
    _check_heartbeat_is_shorter(reader, timeout_seconds, heartbeat_seconds)
    return Task(
        **read_state_fields(reader, name),
        **read_input_output(reader),
        **read_result_fields(reader),
        **read_error_handling(reader),
        **read_transition(reader),
        resource=_read_resource(reader),
        timeout_seconds=constant_or_path(reader, "TimeoutSeconds", timeout_seconds),
        heartbeat_seconds=constant_or_path(reader, "HeartbeatSeconds", heartbeat_seconds),
    )


def _check_heartbeat_is_shorter(
    reader: ObjectReader, timeout_seconds: int | None, heartbeat_seconds: int | None
) -> None:
    if timeout_seconds is None or heartbeat_seconds is None:
        return
    if heartbeat_seconds >= timeout_seconds:
        reader.problem(
            f"'HeartbeatSeconds' must be less than 'TimeoutSeconds', which is {timeout_seconds},"
            f" not {heartbeat_seconds}",
            "HeartbeatSeconds",
        )


def _read_resource(reader: ObjectReader) -> Resource:
    """The Resource; an empty one if it is missing or wrong."""
    reader.require("Resource")
    resource = reader.expression("Resource", parse_resource)
    if resource is None:
        return Resource(arn="", service="", action="")
    if not _is_supported(resource):
        kind = "activities" if resource.service == "activity" else "the service integration"
        reader.problem(unsupported(f"{kind} ('{resource.arn}')"), "Resource")
    return resource


def _is_supported(resource: Resource) -> bool:
    if resource.service == "lambda":
        return resource.action == "invoke" and resource.pattern in _LAMBDA_PATTERNS
    if resource.action in SERVICE_INTEGRATIONS.get(resource.service, ()):
        return resource.pattern is Pattern.REQUEST_RESPONSE
    return resource.is_bare_function
