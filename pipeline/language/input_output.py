"""The parts of a state's data flow that both query languages share.

Specification: "Input and Output Processing".
"""

import re
from typing import assert_never

from pipeline.language.data_limits import check_size
from pipeline.language.errors import (
    INTRINSIC_FAILURE,
    PARAMETER_PATH_FAILURE,
    RESULT_PATH_MATCH_FAILURE,
    RUNTIME,
    ExecutionError,
    PathNotFound,
    UndefinedVariable,
)
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.outcomes import Joined, JoinFailed
from pipeline.language.query.json_path import JsonPath
from pipeline.language.variables import check_sizes
from pipeline.language.visit import Exited, Visit

_OF_EXPRESSIONS = frozenset(
    {INTRINSIC_FAILURE, PARAMETER_PATH_FAILURE, RESULT_PATH_MATCH_FAILURE, RUNTIME}
)
_MEMBER = re.compile(r"\.([^.\[]+)")


def find(path: JsonPath, document: Json, visit: Visit, *, absent: str | None = None) -> Json:
    """The value of a path that must find something.

    Args:
        path: The path.
        document: ``$``.
        visit: The visit to the state.
        absent: The cause, if AWS has its own text for this field; None otherwise.

    Raises:
        ExecutionError: States.Runtime, if the path finds nothing.
    """
    if path.text == "$":
        return document
    try:
        return path.evaluate(visit.evaluation(document, on_context=path.on_context))
    except UndefinedVariable as undefined:
        raise visit.failure(str(undefined)) from undefined
    except PathNotFound as missing:
        raise visit.failure(absent or no_results(missing.path)) from missing
    except ExecutionError as error:
        raise in_state(error, visit) from error


def no_results(path: str) -> str:
    """AWS's text about a path that finds nothing; it repeats the path in bracket form."""
    brackets = _MEMBER.sub(r"['\1']", path)
    return f"Invalid path '{path}' : No results for path: {brackets}"


def in_state(error: ExecutionError, visit: Visit) -> ExecutionError:
    """The error with the state's name in its cause, as AWS words errors of expressions."""
    return visit.failure(error.cause, error.error) if error.error in _OF_EXPRESSIONS else error


def exited(next_state: str | None, output: Json, assign: Json, visit: Visit) -> Exited:
    """The end of the visit, after checking the sizes of the output and the new variables.

    Args:
        next_state: The next state, or None.
        output: The output of the state.
        assign: The value of Assign, an object; None without Assign.
        visit: The visit.

    Raises:
        ExecutionError: States.DataLimitExceeded for the output, States.Runtime for a variable.
    """
    assigned = assign if isinstance(assign, dict) else {}
    if visit.execution.strict_limits:
        if output is not visit.input:
            # The input was checked when it left the previous state.
            check_size(output, visit.name)
        if assigned:
            _check_assigned(assigned, visit)
    return Exited(next_state, output, assigned)


def _check_assigned(assigned: JsonObject, visit: Visit) -> None:
    try:
        check_sizes(assigned, visit.variables)
    except ExecutionError as error:
        raise in_state(error, visit) from error


def joined_outputs(event: Joined | JoinFailed, visit: Visit) -> Json:
    """The result of a Parallel or Map state: the outputs of its children.

    Raises:
        ExecutionError: The children failed, or their outputs together are too large.
    """
    match event:
        case Joined():
            if event.written is not None:
                return event.written
            if visit.execution.strict_limits:
                check_size(event.outputs, visit.name)
            return event.outputs
        case JoinFailed():
            raise ExecutionError(event.error, event.cause)
        case _:
            assert_never(event)
