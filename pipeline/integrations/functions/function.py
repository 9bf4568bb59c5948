"""The functions that a Task state can invoke, one class for each provider."""

from dataclasses import dataclass
from typing import TypeAlias

from pipeline.integrations.functions.function_reference import parse_function_reference

MAX_CALL_SECONDS = 900.0
"""Lambda's limit of the time of one call."""


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
        timeout_seconds: How long the endpoint may take to answer.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaFunction:
    """A function of AWS Lambda, or of the server that ``AWS_ENDPOINT_URL_LAMBDA`` names.

    Attributes:
        name: Its name in the functions file, or as the Task state names it.
        reference: The FunctionName that is invoked.
        queue: Celery queue whose workers invoke it.
        role_arn: The role whose credentials the call uses, or None for the default ones.
    """

    name: str
    reference: str
    queue: str
    role_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFunction:
    """A function that a client created over the API from a zip of Python code.

    A worker calls it in a process of the function's own.

    Attributes:
        name: Its bare name.
        arn: Its ARN without a qualifier.
        version: ``$LATEST`` or a number.
        revision: Changes with every update.
        code_sha256: Hash of the zip, hexadecimal.
        runtime: ``python3.12``. The worker's own interpreter runs it, whatever this says.
        handler: ``module.function``.
        timeout_seconds: The limit of one call.
        memory_mb: The value in its context object; it limits nothing.
        environment: Its own environment variables.
        queue: Celery queue whose workers call it.
    """

    name: str
    arn: str
    version: str
    revision: str
    code_sha256: str
    runtime: str
    handler: str
    timeout_seconds: int
    memory_mb: int
    environment: tuple[tuple[str, str], ...]
    queue: str

    def invoked_arn(self, reference: str) -> str:
        """The ARN that a reference stands for, with the reference's qualifier."""
        parsed = parse_function_reference(reference)
        qualifier = parsed.qualifier if parsed else None
        return self.arn if qualifier is None else f"{self.arn}:{qualifier}"


Function: TypeAlias = (
    PythonFunction | CeleryFunction | HttpFunction | LambdaFunction | StoredFunction | ServiceAction
)
