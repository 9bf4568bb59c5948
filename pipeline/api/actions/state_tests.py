"""The action that tests a state by itself."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.state_tests.definitions import TestedState, find_state
from pipeline.api.state_tests.mock_shapes import check_mocked_result
from pipeline.api.state_tests.running import run_test
from pipeline.api.state_tests.state_test import (
    ErrorDetails,
    MockError,
    MockResult,
    StateTest,
    Verdict,
)
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.arns import check_role_arn
from pipeline.language.context_object import ExecutionContext
from pipeline.language.json_value import Json, JsonObject, loads

_NUMBERS = frozenset({"toleratedFailureCount", "toleratedFailurePercentage", "maxConcurrency"})
"""Members of InspectionData that are not JSON texts."""


async def test_state(call: Call) -> Output:
    """Run one state, its work mocked or real."""
    given = call.input
    if "roleArn" in given:
        check_role_arn(given["roleArn"])
    with as_api_errors():
        tested = await asyncio.to_thread(find_state, given["definition"], given.get("stateName"))
    test = _test(given, tested)
    with as_api_errors():
        verdict = await run_test(call.engine, tested, test, _execution(call, test))
    return _shown(verdict, given.get("inspectionLevel", "INFO"))


def _test(given: Mapping[str, Any], tested: TestedState) -> StateTest:
    configuration = given.get("stateConfiguration", {})
    for name in ("context", "stateConfiguration"):
        if name in given and "mock" not in given:
            raise _invalid(f"'{name}' can only be specified when a mock is specified")
    _check_names(configuration, tested)
    return StateTest(
        input=_input(given.get("input", "{}")),
        variables=_object("variables", given.get("variables", "{}")),
        mock=_mock(given["mock"], tested) if "mock" in given else None,
        context=_object("context", given["context"]) if "context" in given else None,
        retry_count=configuration.get("retrierRetryCount", 0),
        failed_iterations=configuration.get("mapIterationFailureCount"),
        read=configuration.get("mapItemReaderData"),
        reveals_secrets=given.get("revealSecrets", False),
    )


def _mock(given: Mapping[str, Any], tested: TestedState) -> MockResult | MockError:
    if ("result" in given) is ("errorOutput" in given):
        raise _invalid(
            "A test mock should have only one of the following fields: [result, errorOutput]."
        )
    if "errorOutput" in given:
        failure = given["errorOutput"]
        if "error" not in failure:
            raise _invalid("'mock.errorOutput' must have an 'error'")
        return MockError(error=failure["error"], cause=failure.get("cause", ""))
    try:
        result = loads(given["result"])
    except ValueError as error:
        raise _invalid("Mocked result must be valid JSON") from error
    with as_api_errors():
        check_mocked_result(tested.state, result, given.get("fieldValidationMode", "STRICT"))
    return MockResult(result=result)


def _check_names(configuration: Mapping[str, Any], tested: TestedState) -> None:
    """Reject a mocked error of a state that is not within the tested one."""
    name = configuration.get("errorCausedByState")
    if name is not None and name not in tested.inner_states:
        raise _invalid(f"State '{name}' not found in definition")


def _input(text: str) -> Json:
    try:
        return loads(text)
    except ValueError as error:
        raise ApiError(
            "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'"
        ) from error


def _object(name: str, text: str) -> JsonObject:
    try:
        value = loads(text)
    except ValueError as error:
        raise _invalid(f"'{name}' must be valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise _invalid(f"'{name}' must be a JSON object")
    return value


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


def _execution(call: Call, test: StateTest) -> ExecutionContext:
    """The execution that the state's context object shows."""
    settings = call.engine.settings
    prefix = f"arn:aws:states:{call.region}:{call.account_id}"
    return ExecutionContext(
        execution_arn=f"{prefix}:execution:TestState:TestState",
        execution_name="TestState",
        execution_input=test.input,
        started_at=call.engine.clock(),
        role_arn=call.input.get("roleArn", settings.role_arn),
        machine_arn=f"{prefix}:stateMachine:TestState",
        machine_name="TestState",
        region=call.region,
        strict_limits=settings.strict_limits,
    )


def _shown(verdict: Verdict, level: str) -> Output:
    output: Output = {
        "status": verdict.status,
        "error": verdict.error,
        "cause": verdict.cause,
        "nextState": verdict.next_state,
    }
    if verdict.error is None or verdict.next_state is not None:
        output["output"] = _text(verdict.output)
    if level != "INFO":
        output["inspectionData"] = _inspection(verdict)
    if level == "TRACE" and verdict.http is not None:
        exchange = {"request": verdict.http.request, "response": verdict.http.response}
        output["inspectionData"] |= exchange
    return output


def _inspection(verdict: Verdict) -> Output:
    shown: Output = {
        name: value if name in _NUMBERS else _text(value)
        for name, value in verdict.inspection.items()
    }
    if verdict.variables:
        shown["variables"] = _text(verdict.variables)
    if verdict.error_details is not None:
        shown["errorDetails"] = _details(verdict.error_details)
    return shown


def _text(value: Json) -> str:
    """JSON as TestState writes it: with blanks, unlike histories."""
    return json.dumps(value, ensure_ascii=False)


def _details(details: ErrorDetails) -> Output:
    return {
        "catchIndex": details.catch_index,
        "retryIndex": details.retry_index,
        "retryBackoffIntervalSeconds": details.backoff_seconds,
    }
