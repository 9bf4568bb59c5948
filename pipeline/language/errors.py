"""The two base classes of errors: of a bad definition, and of a failing execution."""

from dataclasses import dataclass

ALL = "States.ALL"
BRANCH_FAILED = "States.BranchFailed"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
EXCEED_TOLERATED_FAILURE_THRESHOLD = "States.ExceedToleratedFailureThreshold"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
INTRINSIC_FAILURE = "States.IntrinsicFailure"
ITEM_READER_FAILED = "States.ItemReaderFailed"
NO_CHOICE_MATCHED = "States.NoChoiceMatched"
PARAMETER_PATH_FAILURE = "States.ParameterPathFailure"
PERMISSIONS = "States.Permissions"
QUERY_EVALUATION_ERROR = "States.QueryEvaluationError"
RESULT_PATH_MATCH_FAILURE = "States.ResultPathMatchFailure"
RESULT_WRITER_FAILED = "States.ResultWriterFailed"
RUNTIME = "States.Runtime"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"

NO_TASK_FAILURES = frozenset({RUNTIME, DATA_LIMIT_EXCEEDED})
"""Errors that ``States.TaskFailed`` does not match. ``States.ALL`` matches the second on AWS,
whatever the specification says."""

PREDEFINED = frozenset(
    {
        ALL,
        BRANCH_FAILED,
        DATA_LIMIT_EXCEEDED,
        EXCEED_TOLERATED_FAILURE_THRESHOLD,
        HEARTBEAT_TIMEOUT,
        INTRINSIC_FAILURE,
        ITEM_READER_FAILED,
        NO_CHOICE_MATCHED,
        PARAMETER_PATH_FAILURE,
        PERMISSIONS,
        QUERY_EVALUATION_ERROR,
        RESULT_PATH_MATCH_FAILURE,
        RESULT_WRITER_FAILED,
        RUNTIME,
        TASK_FAILED,
        TIMEOUT,
        "States.Http.Socket",
    }
)


SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"
INVALID_JSON_DESCRIPTION = "INVALID_JSON_DESCRIPTION"
DUPLICATE_STATE_NAME = "DUPLICATE_STATE_NAME"
MISSING_TRANSITION_TARGET = "MISSING_TRANSITION_TARGET"
MISSING_END_STATE = "MISSING_END_STATE"
MISSING_DESCRIPTION = "MISSING_DESCRIPTION"
INVALID_STATE_NAME = "INVALID_STATE_NAME"
INVALID_LABEL_NAME = "INVALID_LABEL_NAME"
DUPLICATE_LABEL_NAME = "DUPLICATE_LABEL_NAME"
TOO_DEEPLY_NESTED = "TOO_DEEPLY_NESTED"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a definition.

    Attributes:
        place: JSON pointer into the document, ``/States/Foo/Retry/0/BackoffRate``.
        message: What is wrong, as a sentence.
        code: AWS's code for such a diagnostic.
    """

    place: str
    message: str
    code: str = SCHEMA_VALIDATION_FAILED

    def __str__(self) -> str:
        return f"{self.place or '/'}: {self.message}"


class InvalidDefinition(Exception):
    """A definition does not conform to the Amazon States Language; holds every problem."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        count = len(self.problems)
        heading = "1 problem" if count == 1 else f"{count} problems"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        return f"The definition has {heading}:\n{lines}"


class InvalidExpression(ValueError):
    """A path, intrinsic function or payload template cannot be parsed.

    The parsers in ``query`` raise it; ``parsing`` turns it into a ``Problem`` with its place.
    """


class ExecutionError(Exception):
    """An error in the sense of the specification: an error name and a cause.

    Retriers and catchers match ``error``. The history shows both.
    """

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.error}: {self.cause}" if self.cause else self.error


class PathNotFound(Exception):
    """A path that must find something found nothing.

    It has no error name of its own: in Parameters the error is ``States.ParameterPathFailure``, in
    InputPath ``States.Runtime``. The caller knows the field and chooses.
    """

    def __init__(self, path: str, document: object) -> None:
        super().__init__(path)
        self.path = path
        self.document = document

    def __str__(self) -> str:
        return f"The path '{self.path}' was not found"


class UndefinedVariable(PathNotFound):
    """A path begins with a variable that no state has assigned yet."""

    def __init__(self, path: str, variable: str) -> None:
        super().__init__(path, {})
        self.variable = variable

    def __str__(self) -> str:
        return f"The variable '${self.variable}' is not defined"
