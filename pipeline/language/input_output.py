"""Input and output processing, the same for every state that has the fields.

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
)
from pipeline.language.json_value import Json
from pipeline.language.outcomes import Joined, JoinFailed
from pipeline.language.query.json_path import JsonPath
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.query.reference_path import ReferencePath
from pipeline.language.states.common import InputOutput, ResultFields
from pipeline.language.visit import Exited, Visit

_OF_EXPRESSIONS = frozenset(
    {INTRINSIC_FAILURE, PARAMETER_PATH_FAILURE, RESULT_PATH_MATCH_FAILURE, RUNTIME}
)
_MEMBER = re.compile(r"\.([^.\[]+)")


def find(path: JsonPath, document: Json, visit: Visit) -> Json:
    """The value of a path that must find something.

    Raises:
        ExecutionError: States.Runtime; nothing was found.
    """
    if path.text == "$":
        return document
    try:
        return path.evaluate(visit.evaluation(document, on_context=path.on_context))
    except PathNotFound as missing:
        raise visit.failure(no_results(missing.path)) from missing
    except ExecutionError as error:
        raise in_state(error, visit) from error


def no_results(path: str) -> str:
    """AWS's text for a path that finds nothing: it names the path in bracket form, too."""
    brackets = _MEMBER.sub(r"['\1']", path)
    return f"Invalid path '{path}' : No results for path: {brackets}"


def fill(template: PayloadTemplate, document: Json, visit: Visit) -> Json:
    """The value of a payload template with the document as ``$``.

    Raises:
        ExecutionError: As the template raises it, with the state named in the cause.
    """
    try:
        return template.evaluate(visit.evaluation(document))
    except ExecutionError as error:
        raise in_state(error, visit) from error


def in_state(error: ExecutionError, visit: Visit) -> ExecutionError:
    """The error with the state named in its cause, as AWS does for errors of expressions."""
    return visit.failure(error.cause, error.error) if error.error in _OF_EXPRESSIONS else error


def filtered_input(state: InputOutput, visit: Visit) -> Json:
    """The raw input after InputPath."""
    if state.input_path is None:
        return {}
    return find(state.input_path, visit.input, visit)


def effective_input(state: InputOutput, parameters: PayloadTemplate | None, visit: Visit) -> Json:
    """The raw input after InputPath and Parameters."""
    document = filtered_input(state, visit)
    return document if parameters is None else fill(parameters, document, visit)


def place_result(result: Json, result_path: ReferencePath | None, visit: Visit) -> Json:
    """The raw input with the result where ResultPath says.

    Raises:
        ExecutionError: States.ResultPathMatchFailure; the raw input has no such place.
    """
    if result_path is None:
        return visit.input
    try:
        return result_path.put(visit.input, result)
    except ExecutionError as error:
        raise in_state(error, visit) from error


def leave(state: InputOutput, next_state: str | None, document: Json, visit: Visit) -> Exited:
    """Leave a state with what OutputPath picks from the document.

    Raises:
        ExecutionError: States.Runtime for OutputPath, States.DataLimitExceeded for the output.
    """
    output: Json = {}
    if state.output_path is not None:
        output = find(state.output_path, document, visit)
    if visit.execution.strict_limits and output is not visit.input:
        # What came in was measured when it left the state before.
        check_size(output, visit.name)
    return Exited(next_state, output)


def select_result(state: ResultFields, result: Json, visit: Visit) -> Json:
    """The raw input with the result in it, after ResultSelector and ResultPath."""
    if state.result_selector is not None:
        result = fill(state.result_selector, result, visit)
    return place_result(result, state.result_path, visit)


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
