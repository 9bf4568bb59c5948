"""The event that replaces a state's work by its mock."""

from typing import assert_never

from pipeline.api.state_tests.definitions import TestedState
from pipeline.api.state_tests.state_test import InvalidStateTest, MockError, MockResult, StateTest
from pipeline.language.errors import EXCEED_TOLERATED_FAILURE_THRESHOLD
from pipeline.language.json_value import Json
from pipeline.language.outcomes import (
    Event,
    FanOut,
    FunctionFailed,
    FunctionSucceeded,
    Invoke,
    Joined,
    JoinFailed,
    NestedFailed,
    NestedSucceeded,
    Offer,
    TokenFailed,
    TokenSucceeded,
)
from pipeline.language.states.map import Map
from pipeline.language.states.parallel import Parallel
from pipeline.language.states.task import Task
from pipeline.language.tolerated_failures import THRESHOLD_CAUSE, exceeds_tolerance

_MOCKABLE = (Task, Map, Parallel)


class FanOutWithoutMock(InvalidStateTest):
    """A Map or Parallel state is tested without a mock."""

    code = "InvalidDefinition"

    def __init__(self) -> None:
        super().__init__(
            "TestState API does not support Map or Parallel states. Supported state types include:"
            " [Task, Wait, Pass, Succeed, Fail, Choice]"
        )


class WorkIsNotMocked(InvalidStateTest):
    """The state's work needs a mock, and the test has none."""

    def __init__(self) -> None:
        super().__init__("The state is only supported when a mock is specified")


def check_mock(tested: TestedState, test: StateTest) -> None:
    """Reject a mock for a state without work, and a missing mock where the work needs one.

    Raises:
        InvalidStateTest: The test and its state do not fit.
    """
    state, kind = tested.state, type(tested.state).__name__
    if test.mock is None:
        if isinstance(state, Map | Parallel):
            raise FanOutWithoutMock
        if isinstance(state, Task) and (state.resource.is_activity or state.resource.pattern):
            raise InvalidStateTest(
                f"The resource '{state.resource.arn}' is only supported when a mock is specified"
            )
        return
    if not isinstance(state, _MOCKABLE):
        raise InvalidStateTest(f"State type '{kind}' is not supported when a mock is specified")
    if isinstance(test.mock, MockResult):
        _check_outputs(state, test.mock.result)


def _check_outputs(state: Task | Map | Parallel, result: Json) -> None:
    if isinstance(state, Task):
        return
    if isinstance(state, Map) and _writes_results(state):
        if not isinstance(result, dict):
            raise InvalidStateTest("Mocked result must be a JSON object.")
        return
    if not isinstance(result, list):
        raise InvalidStateTest("Mocked result must be an array.")
    if isinstance(state, Parallel) and len(result) != len(state.branches):
        raise InvalidStateTest(
            "Mocked result must contain the same number of items as number of Parallel branches."
        )


def _writes_results(state: Map) -> bool:
    """Whether the state's result names the place of the outputs instead of the outputs."""
    return state.result_writer is not None and state.result_writer.parameters is not None


def mocked_event(work: Invoke | Offer | FanOut, test: StateTest, items: int, now: float) -> Event:
    """The event with which the work ends.

    Args:
        work: What the state asks for.
        test: The test, which has a mock.
        items: How many items a Map state has.
        now: Epoch seconds.

    Raises:
        WorkIsNotMocked: The test has no mock.
    """
    if isinstance(work, FanOut) and _exceeds(work, test, items):
        return JoinFailed(error=EXCEED_TOLERATED_FAILURE_THRESHOLD, cause=THRESHOLD_CAUSE)
    match test.mock:
        case MockResult(result=result):
            return _success(work, result, now)
        case MockError(error=error, cause=cause):
            return _failure(work, error, cause, now)
        case None:
            raise WorkIsNotMocked
        case _:
            assert_never(test.mock)


def _success(work: Invoke | Offer | FanOut, result: Json, now: float) -> Event:
    match work:
        case FanOut():
            # A ResultWriter replaces the array of outputs by an object.
            written = result if isinstance(result, dict) else None
            outputs = result if isinstance(result, list) else []
            return Joined(outputs=outputs, written=written)
        case Invoke() if work.resource.is_sync:
            return NestedSucceeded(output=result)
        case Invoke(token=None):
            return FunctionSucceeded(output=result, started_at=now)
        case Invoke() | Offer():
            return TokenSucceeded(output=result)
        case _:
            assert_never(work)


def _failure(work: Invoke | Offer | FanOut, error: str, cause: str, now: float) -> Event:
    match work:
        case FanOut():
            return JoinFailed(error=error, cause=cause)
        case Invoke() if work.resource.is_sync:
            return NestedFailed(error=error, cause=cause)
        case Invoke(token=None):
            return FunctionFailed(error=error, cause=cause, started_at=now)
        case Invoke() | Offer():
            return TokenFailed(error=error, cause=cause)
        case _:
            assert_never(work)


def _exceeds(work: FanOut, test: StateTest, items: int) -> bool:
    if isinstance(test.mock, MockError):
        return False  # the error is the state's, however many iterations have failed
    return test.failed_iterations is not None and exceeds_tolerance(
        test.failed_iterations,
        items,
        count=work.tolerated_failure_count,
        percentage=work.tolerated_failure_percentage,
    )
