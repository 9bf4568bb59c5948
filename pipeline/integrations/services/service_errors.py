"""The errors of AWS services in Step Functions' names and words."""

from typing import Any

from botocore.exceptions import ClientError

from pipeline.integrations.services.service_actions import ActionModel
from pipeline.language.errors import ExecutionError


def service_error(error: ClientError, action: ActionModel) -> ExecutionError:
    """The error of a request that a service rejected."""
    answer: dict[str, Any] = error.response.get("Error", {})
    message = answer.get("Message") or answer.get("Code", "")
    details = _details(error, action)
    return ExecutionError(f"{action.client}.{_name(answer, action)}", f"{message} ({details})")


def _details(error: ClientError, action: ActionModel) -> str:
    """The details that the Java SDK adds to a message:

    SDK 1's for optimised integrations, else 2's.
    """
    metadata: dict[str, Any] = error.response.get("ResponseMetadata", {})
    parts = {
        "Service": action.name_in_causes,
        "Status Code": metadata.get("HTTPStatusCode", 400),
        "Request ID": metadata.get("RequestId", ""),
    }
    if action.is_optimised:
        answer: dict[str, Any] = error.response.get("Error", {})
        request_id = parts.pop("Request ID")
        parts |= {"Error Code": answer.get("Code", ""), "Request ID": request_id, "Proxy": "null"}
        return "; ".join(f"{name}: {value}" for name, value in parts.items())
    if "HostId" in metadata or action.client == "S3":
        parts["Extended Request ID"] = metadata.get("HostId", "")
    return ", ".join(f"{name}: {value}" for name, value in parts.items())


def _name(answer: dict[str, Any], action: ActionModel) -> str:
    # A service that has changed its protocol sends the error's new name with the old code.
    codes = {answer.get("Code"), answer.get("QueryErrorCode")}
    for shape in action.operation.service_model.error_shapes:
        if codes & {shape.name, shape.error_code}:
            return action.exception_name(shape.name)
    errors = action.operation.error_shapes
    if "404" in codes and len(errors) == 1:
        # The answer to a HEAD request has no body to name the error.
        return action.exception_name(errors[0].name)
    return action.unmodelled_error
