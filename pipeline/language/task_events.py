"""The history events of a Task state, whose names depend on the kind of its resource.

A function named by its own ARN has ``LambdaFunction...`` events, an activity ``Activity...``
events; a service integration has ``Task...`` events that name the service and the action.
"""

from typing import Any

from pipeline.language.json_value import Json
from pipeline.language.resource import Resource
from pipeline.language.visit import Visit, error_details


def scheduled(
    resource: Resource,
    arguments: Json,
    visit: Visit,
    *,
    timeout_seconds: int | None,
    heartbeat_seconds: int | None,
    role_arn: str | None,
) -> None:
    """Record the scheduled call, with the role of its credentials if there is one."""
    limits: dict[str, Any] = {}
    if role_arn is not None:
        limits["taskCredentials"] = {"roleArn": role_arn}
    if timeout_seconds is not None:
        limits["timeoutInSeconds"] = timeout_seconds
    if resource.is_bare_function:
        details = {"resource": resource.arn, "input": arguments, **limits}
        visit.record("LambdaFunctionScheduled", details)
        return
    if heartbeat_seconds is not None:
        limits["heartbeatInSeconds"] = heartbeat_seconds
    if resource.is_activity:
        details = {"resource": resource.arn, "input": arguments, **limits}
        visit.record("ActivityScheduled", details)
        return
    region = visit.execution.region
    _record("Scheduled", resource, {"region": region, "parameters": arguments, **limits}, visit)


def started(resource: Resource, at: float, visit: Visit) -> None:
    """Record that a worker began the call, at that time in epoch seconds."""
    _record("Started", resource, {}, visit, at)


def taken(worker_name: str | None, visit: Visit) -> None:
    """Record that a worker of the activity has taken the task."""
    visit.record("ActivityStarted", {} if worker_name is None else {"workerName": worker_name})


def start_failed(resource: Resource, error: str, cause: str, visit: Visit) -> None:
    """Record that the function could not be called."""
    is_scheduled = resource.is_bare_function or resource.is_activity
    what = "ScheduleFailed" if is_scheduled else "StartFailed"
    _record(what, resource, error_details(error, cause), visit)


def submitted(resource: Resource, output: Json, visit: Visit) -> None:
    """Record that the function returned and the answer to the task token is still to come."""
    _record("Submitted", resource, {"output": output}, visit)


def succeeded(resource: Resource, output: Json, visit: Visit) -> None:
    """Record the result."""
    _record("Succeeded", resource, {"output": output}, visit)


def failed(resource: Resource, error: str, cause: str, visit: Visit) -> None:
    """Record the error of the function, or of the answer to its task token."""
    _record("Failed", resource, error_details(error, cause), visit)


def timed_out(resource: Resource, error: str, cause: str, visit: Visit) -> None:
    """Record that the function exceeded its timeout or missed a heartbeat."""
    _record("TimedOut", resource, error_details(error, cause), visit)


def _record(
    what: str, resource: Resource, details: dict[str, Any], visit: Visit, at: float | None = None
) -> None:
    if resource.is_bare_function:
        visit.record(f"LambdaFunction{what}", details, at)
        return
    if resource.is_activity:
        visit.record(f"Activity{what}", details, at)
        return
    action = f"{resource.action}{resource.pattern}"
    integration = {"resourceType": resource.service, "resource": action}
    visit.record(f"Task{what}", {**integration, **details}, at)
