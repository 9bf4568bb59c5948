"""The errors of the endpoint, by AWS's names."""

from collections.abc import Mapping
from http import HTTPStatus

_STATUSES: Mapping[str, HTTPStatus] = {
    "RequestTimeoutException": HTTPStatus.REQUEST_TIMEOUT,
    "RequestEntityTooLargeException": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "TooManyRequestsException": HTTPStatus.TOO_MANY_REQUESTS,
    "InternalServerError": HTTPStatus.INTERNAL_SERVER_ERROR,
    "ServiceUnavailableException": HTTPStatus.SERVICE_UNAVAILABLE,
}

_FORBIDDEN = frozenset(
    {
        "AccessDeniedException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)
"""Authentication errors, whose HTTP status differs in the REST protocol only."""


class ApiError(Exception):
    """A request that the endpoint rejects.

    Attributes:
        code: AWS's name of the error: ``StateMachineDoesNotExist``.
        message: AWS's text.
        members: Further members of the error's shape: ``resourceName``, ``reason``.
    """

    def __init__(self, code: str, message: str, **members: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.members = members

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @property
    def status(self) -> int:
        """The HTTP status that AWS's JSON protocol gives it."""
        return _STATUSES.get(self.code, HTTPStatus.BAD_REQUEST)

    @property
    def rest_status(self) -> int:
        """The HTTP status that AWS's REST protocol gives it, where the service's model has none."""
        return HTTPStatus.FORBIDDEN if self.code in _FORBIDDEN else self.status
