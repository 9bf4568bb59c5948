"""A trial: one state goes through its fields, its work and its error handling; pure.

The state's work, where it has any, is between two calls: ``begin`` asks for it, ``resume`` takes
what came of it.
"""

from dataclasses import replace
from typing import Any, TypeAlias

from pipeline.api.state_tests.definitions import TestedState
from pipeline.api.state_tests.inspection import shown_data
from pipeline.api.state_tests.iterations import items_of, show_iterations
from pipeline.api.state_tests.mocks import mocked_event
from pipeline.api.state_tests.state_test import ErrorDetails, StateTest, Status, Verdict
from pipeline.interpreter.interpreter import ENTER, RESUME
from pipeline.language import catchers, retriers
from pipeline.language.context_object import ExecutionContext
from pipeline.language.error_handling import handle
from pipeline.language.errors import ExecutionError
from pipeline.language.evaluation import Sources
from pipeline.language.json_value import JsonObject
from pipeline.language.outcomes import Event, Failed, FanOut, Invoke, Offer, Sleep, WokenUp
from pipeline.language.state_machine import State
from pipeline.language.states.common import ErrorHandling
from pipeline.language.states.map import Map
from pipeline.language.visit import Exited, Turn, Visit

Work: TypeAlias = Invoke | Offer | FanOut
"""A state's request for work."""


class Trial:
    """A state under test."""

    def __init__(
        self, tested: TestedState, test: StateTest, execution: ExecutionContext, sources: Sources
    ) -> None:
        state = tested.state
        self._state = state
        self._language = tested.language
        self._test = test
        self._items = 0
        retry = state.retry if isinstance(state, ErrorHandling) else ()
        self._visit = Visit(
            execution=execution,
            sources=sources,
            name=state.name,
            input=test.input,
            entered_at=sources.now,
            retries=(test.retry_count,) * len(retry),
            retry_count=test.retry_count,
            may_retry=isinstance(state, ErrorHandling),
            variables=test.variables,
            inspection={"input": test.input},
            _context=test.context,
        )

    def begin(self) -> Verdict | Work:
        """Enter the state; returns the verdict, or the work that the state requests.

        Raises:
            InvalidStateTest: There is nothing to take for what an ItemReader reads.
        """
        try:
            turn = ENTER[type(self._state)](self._state, self._visit)
            if isinstance(turn, FanOut) and isinstance(self._state, Map):
                items = items_of(turn, self._test.read)
                self._items = len(items)
                show_iterations(self._state, turn, items, self._visit)
        except ExecutionError as error:
            return self._failed(error)
        return turn if isinstance(turn, Invoke | Offer | FanOut) else self._judged(turn)

    def mocked(self, work: Work) -> Verdict:
        """Continue with the mocked result of the work."""
        return self.resume(mocked_event(work, self._test, self._items, self._visit.sources.now))

    def resume(self, event: Event) -> Verdict:
        """Continue with the real result of the work."""
        try:
            turn = RESUME[type(self._state)](self._state, event, self._visit)
        except ExecutionError as error:
            return self._failed(error)
        return self._judged(turn)

    def _judged(self, turn: Turn) -> Verdict:
        match turn:
            case Exited():
                return self._verdict(
                    Status.SUCCEEDED,
                    output=turn.output,
                    next_state=turn.next,
                    assigned=turn.assigned,
                )
            case Failed():
                return self._verdict(Status.FAILED, error=turn.error, cause=turn.cause)
            case Sleep():
                # A Wait state: a test does not wait.
                self._visit.sources = replace(self._visit.sources, now=turn.until)
                return self.resume(WokenUp())
            case _:
                raise AssertionError("a state asks for work once")

    def _failed(self, error: ExecutionError) -> Verdict:
        """The verdict of the state's retriers and catchers on an error."""
        inspection, self._visit.inspection = self._visit.inspection, None
        details = _details(self._state, self._visit, error)
        turn = handle(self._state, error, self._visit)
        self._visit.inspection = inspection
        given: dict[str, Any] = {"error": error.error, "cause": error.cause}
        match turn:
            case Sleep():
                seconds = round(turn.until - self._visit.sources.now)
                details = replace(details, catch_index=None, backoff_seconds=seconds)
                return self._verdict(Status.RETRIABLE, **given, error_details=details)
            case Exited():
                return self._verdict(
                    Status.CAUGHT_ERROR,
                    **given,
                    output=turn.output,
                    next_state=turn.next,
                    assigned=turn.assigned,
                    error_details=replace(details, retry_index=None),
                )
            case Failed():
                return self._verdict(Status.FAILED, error=turn.error, cause=turn.cause)
            case _:
                raise AssertionError("an error is retried, caught, or fails the scope")

    def _verdict(self, status: Status, *, assigned: JsonObject | None = None, **of: Any) -> Verdict:
        shown = shown_data(self._state, self._language, self._visit.inspection or {})
        variables = {**self._visit.variables, **(assigned or {})}
        return Verdict(status=status, inspection=shown, variables=variables, **of)


def _details(state: State, visit: Visit, error: ExecutionError) -> ErrorDetails:
    """The retrier that would take an error, and the catcher if the retrier does not."""
    if not isinstance(state, ErrorHandling):
        return ErrorDetails()
    catcher = catchers.find(state.catch, error.error)
    return ErrorDetails(
        retry_index=retriers.find(state.retry, visit.retries, error.error),
        catch_index=None if catcher is None else state.catch.index(catcher),
    )
