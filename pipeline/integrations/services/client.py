"""The interface that service integrations call: that of a boto3 client or a local service."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from botocore.exceptions import ClientError

Operation: TypeAlias = Callable[..., dict[str, Any]]
"""An operation. It takes keywords in its service's spelling, and raises ClientErrors."""

Service: TypeAlias = Mapping[str, Operation]
"""A service's operations by their names in Resource ARNs: ``getItem``."""


def client_error(operation: str, code: str, message: str, status: int = 400) -> ClientError:
    """An error as a boto3 client raises it."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "local",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
                "HostId": "",
            },
        },
        operation,
    )
