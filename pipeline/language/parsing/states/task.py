"""Parses the Task state (specification: "Task State")."""

from pipeline.language.parsing.data_flow import RESULT_FIELDS, read_data_flow
from pipeline.language.parsing.numbers import read_integer
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.seams import unsupported
from pipeline.language.parsing.shared_fields import (
    read_error_handling,
    read_state_fields,
    read_transition,
)
from pipeline.language.parsing.states.credentials import read_credentials
from pipeline.language.parsing.states.lambda_arguments import check_lambda_arguments
from pipeline.language.resource import (
    CALLBACK_SERVICES,
    SERVICE_INTEGRATIONS,
    Pattern,
    Resource,
    parse_resource,
)
from pipeline.language.states.task import Task


def parse_task(reader: ObjectReader, name: str) -> Task:
    """Parse a Task state."""
    timeout_seconds = read_integer(reader, "TimeoutSeconds", minimum=1)
    heartbeat_seconds = read_integer(reader, "HeartbeatSeconds", minimum=1)
    _check_heartbeat_is_shorter(reader, timeout_seconds, heartbeat_seconds)
    return Task(
        **read_state_fields(reader, name),
        **read_error_handling(reader),
        **read_transition(reader),
        flow=read_data_flow(reader, *RESULT_FIELDS),
        resource=_read_resource(reader),
        credentials=read_credentials(reader),
        timeout_seconds=timeout_seconds,
        heartbeat_seconds=heartbeat_seconds,
    )


def _check_heartbeat_is_shorter(
    reader: ObjectReader, timeout_seconds: object, heartbeat_seconds: object
) -> None:
    if not isinstance(timeout_seconds, int) or not isinstance(heartbeat_seconds, int):
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
        reader.problem(unsupported(f"the service integration ('{resource.arn}')"), "Resource")
    elif resource.service == "lambda":
        check_lambda_arguments(reader)
    return resource


def _is_supported(resource: Resource) -> bool:
    if resource.is_bare_function or resource.is_activity:
        return True
    if resource.is_sync:
        return (resource.service, resource.action) == ("states", "startExecution")
    if resource.is_sdk:
        # The checks that know the services' models check whether the action exists.
        return True
    if (
        resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN
        and resource.service not in CALLBACK_SERVICES
    ):
        return False
    known = SERVICE_INTEGRATIONS.get(resource.service, ())
    return resource.action in known or (resource.service, resource.action) == ("lambda", "invoke")
