"""A test of a state, and what it comes to (API reference: "TestState")."""

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.integrations.request_errors import Refusal
from pipeline.integrations.services.http_trace import HttpTrace
from pipeline.language.json_value import Json, JsonObject


class InvalidStateTest(Refusal):
    """The parts of a test do not fit each other; the message says why."""

    code = "ValidationException"


class Status(StrEnum):
    """What became of the state, in AWS's words."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    RETRIABLE = "RETRIABLE"
    CAUGHT_ERROR = "CAUGHT_ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class MockResult:
    """What the state's work is to result in: of a Map or Parallel state, the array of outputs."""

    result: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class MockError:
    """How the state's work is to fail."""

    error: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTest:
    """A test of a state.

    Attributes:
        input: The state's raw input.
        variables: The variables that it begins with, by name.
        mock: What stands for the state's work, or None for the work itself.
        context: The context object, or None for one that is made up.
        retry_count: Retries that were made before.
        failed_iterations: Iterations of a Map state that are to have failed, or None.
        read: The content of the file that the ItemReader of a Map state is to have read, or None.
        reveals_secrets: Whether the request of an HTTP task is shown with its credentials.
    """

    input: Json
    variables: JsonObject = field(default_factory=dict)
    mock: MockResult | MockError | None = None
    context: JsonObject | None = None
    retry_count: int = 0
    failed_iterations: int | None = None
    read: str | None = None
    reveals_secrets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetails:
    """Which retrier or catcher has taken an error; an index is None where it was not that.

    Attributes:
        backoff_seconds: Whole seconds before the retry, or None.
    """

    retry_index: int | None = None
    catch_index: int | None = None
    backoff_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a state came to.

    Attributes:
        output: Its output, if ``status`` is SUCCEEDED or CAUGHT_ERROR.
        error, cause: Of the error, or None.
        next_state: Where it goes, or None.
        inspection: What the data was after each of its fields, by AWS's names.
        variables: The variables after it.
        error_details: Of an error that was retried or caught, or None.
        http: What was sent and received, if the state has called an HTTP endpoint; or None.
    """

    status: Status
    output: Json = None
    error: str | None = None
    cause: str | None = None
    next_state: str | None = None
    inspection: JsonObject
    variables: JsonObject
    error_details: ErrorDetails | None = None
    http: HttpTrace | None = None
