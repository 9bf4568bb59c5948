"""Functions: what a Task state invokes, by how it is reached."""

from dataclasses import dataclass
from typing import TypeAlias

LONGEST_CALL_SECONDS = 900.0
"""The longest time that Lambda lets a function take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonFunction:
    """A function with Lambda's signature ``handler(event, context)``, called in the worker.

    Attributes:
        name: Its name, or its whole ARN.
        handler: ``module:function``.
        queue: Celery queue whose workers call it.
    """

    name: str
    handler: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CeleryFunction:
    """A Celery task of any application on the same broker.

    Attributes:
        name: The function's name, or its whole ARN.
        task: Name of the task.
        queue: The queue it is published to.
    """

    name: str
    task: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFunction:
    """An HTTP endpoint that takes the event as the body of a POST.

    Attributes:
        name: Its name, or its whole ARN.
        url: The endpoint.
        queue: Celery queue whose workers send the request.
        timeout_seconds: Longest time in which the endpoint may stay silent.
    """

    name: str
    url: str
    queue: str
    timeout_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAction:
    """An action of an AWS service, called in the worker.

    Attributes:
        service, action: As Resource ARNs spell them.
        queue: Celery queue whose workers call it.
    """

    service: str
    action: str
    queue: str

    @property
    def name(self) -> str:
        """Name of its Celery task: ``dynamodb:getItem``."""
        return f"{self.service}:{self.action}"


Function: TypeAlias = PythonFunction | CeleryFunction | HttpFunction | ServiceAction
