"""A test of a state, and its verdict (API reference: "TestState")."""

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.integrations.request_errors import RejectedRequest
from pipeline.integrations.services.http_trace import HttpTrace
from pipeline.language.json_value import Json, JsonObject


class InvalidStateTest(RejectedRequest):
    """The parts of a test contradict each other; the message gives the reason."""

    code = "ValidationException"


class Status(StrEnum):
    """The status of the state after the test, in AWS's words."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    RETRIABLE = "RETRIABLE"
    CAUGHT_ERROR = "CAUGHT_ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class MockResult:
    """The mocked result of the state's work: of a Map or Parallel state, the array of outputs."""

    result: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class MockError:
    """The mocked error of the state's work."""

    error: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTest:
    """A test of a state.

    Attributes:
        input: The state's raw input.
        variables: Its variables at the start, by name.
        mock: The mock of the state's work, or None for the real work.
        context: The context object, or None for a generated one.
        retry_count: Retries that were made before.
        failed_iterations: Number of mocked failures among a Map state's iterations, or None.
        read: The mocked content of a Map state's ItemReader's file, or None.
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
    """The retrier or catcher that handles an error; the other one's index is None.

    Attributes:
        backoff_seconds: Whole seconds before the retry, or None.
    """

    retry_index: int | None = None
    catch_index: int | None = None
    backoff_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict of a test.

    Attributes:
        output: Its output, if ``status`` is SUCCEEDED or CAUGHT_ERROR.
        error, cause: Of the error, or None.
        next_state: The next state, or None.
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
