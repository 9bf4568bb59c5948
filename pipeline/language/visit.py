"""One visit to a state, from entering it to leaving it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pipeline.language.context_object import ExecutionContext, context_object
from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.evaluation import Evaluation, Sources
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.outcomes import Outcome
from pipeline.language.query.jsonata import JsonataEvaluation


@dataclass(frozen=True, slots=True)
class Exited:
    """The state has ended.

    Attributes:
        next: The state to go to; None ends the scope.
        output: The output of the state.
        assigned: The variables that the state assigned.
    """

    next: str | None
    output: Json
    assigned: JsonObject


Turn: TypeAlias = Exited | Outcome
"""The answer of a state: it has ended, or it needs the outside world."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """The working copy of a frame's current state; it moves from state to state.

    It is the only mutable object of the core, and lives within one call of the interpreter. Frames
    are frozen; making one for every inline state would double the cost.

    Attributes:
        execution, sources: The arguments of the interpreter.
        name: Name of the state.
        input: Raw input of the state.
        entered_at: Epoch seconds.
        retries: How many retries each retrier of the state has made.
        retry_count: The total of these.
        may_retry: Whether the state can have retriers; the context object shows retries only then.
        map_item: ``$$.Map.Item``, or None.
        token, timeout_at, heartbeat_seconds, heartbeat_at: As in the frame.
        variables: As in the frame.
        recorded: How many events the history had before this call of the interpreter.
        entered_event: Id of the event that entered the state; 0 without a history.
        events: History events of this call so far.
        inspection: Collects the data after each of the state's fields, by the names of TestState's
            InspectionData; or None.
    """

    execution: ExecutionContext
    sources: Sources
    name: str
    input: Json
    entered_at: float
    retries: tuple[int, ...] = ()
    retry_count: int = 0
    may_retry: bool = True
    map_item: JsonObject | None = None
    token: str | None = None
    timeout_at: float | None = None
    heartbeat_seconds: int | None = None
    heartbeat_at: float | None = None
    variables: JsonObject = field(default_factory=dict)
    recorded: int = 0
    entered_event: int = 0
    events: list[HistoryEvent] = field(default_factory=list)
    inspection: JsonObject | None = None
    _context: JsonObject | None = None

    def enter(self, name: str, raw_input: Json) -> None:
        """Enter the next state, which has made no attempt yet."""
        self.name = name
        self.input = raw_input
        self.entered_at = self.sources.now
        self.retries = ()
        self.retry_count = 0
        self.begin_attempt()

    def begin_attempt(self) -> None:
        """Drop the token, the deadlines and the context object of an earlier attempt."""
        self.token = self.timeout_at = self.heartbeat_seconds = self.heartbeat_at = None
        self._context = None

    def show_item(self, map_item: JsonObject) -> None:
        """Set ``$$.Map.Item``."""
        self.map_item = map_item
        if self._context is not None:
            self._context = {**self._context, "Map": {"Item": map_item}}

    def show(self, name: str, value: Json) -> None:
        """Add the current data to the inspection."""
        if self.inspection is not None:
            self.inspection[name] = value

    @property
    def deadline(self) -> float | None:
        """Epoch seconds at which the Task state times out or misses a heartbeat, or None."""
        return min((at for at in (self.timeout_at, self.heartbeat_at) if at), default=None)

    def evaluation(self, document: Json, *, on_context: bool = True) -> Evaluation:
        """The data of an expression whose ``$`` is a document.

        Args:
            document: ``$``.
            on_context: Whether the expression may read the context object.
        """
        if not on_context:
            return Evaluation(
                input=document, context={}, sources=self.sources, variables=self.variables
            )
        return Evaluation(
            input=document, context=self.context, sources=self.sources, variables=self.variables
        )

    def jsonata(self, more: Mapping[str, Json]) -> JsonataEvaluation:
        """The data of a JSONata expression.

        Args:
            more: Fields of ``$states`` besides the input and the context.
        """
        states: JsonObject = {"input": self.input, "context": self.context, **more}
        return JsonataEvaluation(states=states, variables=self.variables, sources=self.sources)

    @property
    def context(self) -> JsonObject:
        """The context object, made when the first expression may read it."""
        if self._context is None:
            self._context = context_object(
                self.execution,
                state_name=self.name,
                entered_at=self.entered_at,
                retry_count=self.retry_count if self.may_retry else None,
                token=self.token,
                map_item=self.map_item,
            )
        return self._context

    @property
    def length(self) -> int:
        """How many events the history has, including those of this call."""
        return self.recorded + len(self.events)

    def record(self, event_type: str, details: dict[str, Any], at: float | None = None) -> None:
        """Add an event to the history.

        Args:
            event_type: AWS's name of the event.
            details: Its detail fields.
            at: Epoch seconds; None for now.
        """
        timestamp = self.sources.now if at is None else at
        self.events.append(HistoryEvent(type=event_type, timestamp=timestamp, details=details))

    def failure(self, message: str, error: str = RUNTIME) -> ExecutionError:
        """The error of a state that cannot run, in AWS's words."""
        return ExecutionError(
            error,
            f"An error occurred while executing the state '{self.name}'"
            f" (entered at the event id #{self.entered_event}). {message}",
        )


def error_details(error: str, cause: str) -> dict[str, Any]:
    """The detail fields of an event about an error; like AWS, without empty ones."""
    return {name: text for name, text in (("error", error), ("cause", cause)) if text}
