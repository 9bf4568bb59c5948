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
    """The state is done.

    Attributes:
        next: The state to go to; None ends the scope.
        output: The output of the state.
        assigned: The variables that the state assigned.
    """

    next: str | None
    output: Json
    assigned: JsonObject


Turn: TypeAlias = Exited | Outcome
"""How a state answers: it is done, or it needs the world."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """The working copy of a frame's current state; it moves from state to state.

    It is the one mutable object of the core, never seen outside one call of the interpreter:
    frames are frozen, and making one for every state that runs inline would double the cost.

    Attributes:
        execution, sources: As given to the interpreter.
        name: Name of the state.
        input: Raw input of the state.
        entered_at: Epoch seconds.
        retries: Retries made, one counter for each retrier of the state.
        retry_count: Retries made in all.
        may_retry: Whether the state can have retriers; the context object shows the retries of
            no other.
        map_item: ``$$.Map.Item``, or None.
        token, timeout_at, heartbeat_seconds, heartbeat_at: As in the frame.
        variables: As in the frame.
        recorded: Events that the history had before this call of the interpreter.
        entered_event: Id of the event by which the state was entered; 0 where there is no
            history.
        events: History events of this call so far.
        inspection: Gets what the data is after each of the state's fields, by the names of
            TestState's InspectionData; or None.
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
        """Move on to a state that has not been tried yet."""
        self.name = name
        self.input = raw_input
        self.entered_at = self.sources.now
        self.retries = ()
        self.retry_count = 0
        self.begin_attempt()

    def begin_attempt(self) -> None:
        """Forget the token, the deadlines and the context object of an earlier attempt."""
        self.token = self.timeout_at = self.heartbeat_seconds = self.heartbeat_at = None
        self._context = None

    def show_item(self, map_item: JsonObject) -> None:
        """Have ``$$.Map.Item`` show an item."""
        self.map_item = map_item
        if self._context is not None:
            self._context = {**self._context, "Map": {"Item": map_item}}

    def show(self, name: str, value: Json) -> None:
        """Have whoever inspects the visit see what the data is by now."""
        if self.inspection is not None:
            self.inspection[name] = value

    @property
    def deadline(self) -> float | None:
        """Epoch seconds at which the Task state times out or misses a heartbeat, or None."""
        return min((at for at in (self.timeout_at, self.heartbeat_at) if at), default=None)

    def evaluation(self, document: Json, *, on_context: bool = True) -> Evaluation:
        """What an expression sees with the document as ``$``.

        Args:
            document: ``$``.
            on_context: Whether the expression may look at the context object.
        """
        if not on_context:
            return Evaluation(
                input=document, context={}, sources=self.sources, variables=self.variables
            )
        return Evaluation(
            input=document, context=self.context, sources=self.sources, variables=self.variables
        )

    def jsonata(self, more: Mapping[str, Json]) -> JsonataEvaluation:
        """What a JSONata expression sees.

        Args:
            more: What ``$states`` holds beside the input and the context.
        """
        states: JsonObject = {"input": self.input, "context": self.context, **more}
        return JsonataEvaluation(states=states, variables=self.variables, sources=self.sources)

    @property
    def context(self) -> JsonObject:
        """The context object, made for the first expression that may look at it."""
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
        """Events of the history with those of this call."""
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
        """The error of a state that cannot be run, in AWS's words."""
        return ExecutionError(
            error,
            f"An error occurred while executing the state '{self.name}'"
            f" (entered at the event id #{self.entered_event}). {message}",
        )


def error_details(error: str, cause: str) -> dict[str, Any]:
    """Detail fields of an event that tells of an error; AWS leaves out what is not given."""
    return {name: text for name, text in (("error", error), ("cause", cause)) if text}
