"""The history events at the beginning and end of a scope, by the kind of its frame.

A branch of a Parallel state has none. Those of an iteration name its Map state.
"""

from pipeline.interpreter.frame import Frame, FrameKind
from pipeline.language.context_object import ExecutionContext
from pipeline.language.history_event import INPUT_TEXT
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.visit import Visit, error_details

_EXECUTIONS = frozenset({FrameKind.ROOT, FrameKind.CHILD_EXECUTION})


def scope_started(frame: Frame, visit: Visit) -> None:
    """Record that the frame begins."""
    if frame.kind in _EXECUTIONS:
        role_arn = visit.execution.role_arn
        details = {"input": frame.input, "roleArn": role_arn}
        if frame.kind is FrameKind.ROOT:
            details |= _qualified(visit.execution)
            if visit.execution.input_text is not None:
                details[INPUT_TEXT] = visit.execution.input_text
        visit.record("ExecutionStarted", details)
    elif frame.kind is FrameKind.ITERATION:
        _record_iteration("MapIterationStarted", frame, visit)


def _qualified(execution: ExecutionContext) -> dict[str, str]:
    """The alias and version by which a client started the execution, if it named any."""
    arns = {
        "stateMachineAliasArn": execution.alias_arn,
        "stateMachineVersionArn": execution.version_arn,
    }
    return {name: arn for name, arn in arns.items() if arn is not None}


def scope_succeeded(frame: Frame, output: Json, visit: Visit) -> None:
    """Record that the frame ended with an output."""
    if frame.kind in _EXECUTIONS:
        visit.record("ExecutionSucceeded", {"output": output})
    elif frame.kind is FrameKind.ITERATION:
        _record_iteration("MapIterationSucceeded", frame, visit)


def scope_failed(frame: Frame, error: str, cause: str, visit: Visit) -> None:
    """Record that the frame ended with an error."""
    if frame.kind in _EXECUTIONS:
        visit.record("ExecutionFailed", error_details(error, cause))
    elif frame.kind is FrameKind.ITERATION:
        _record_iteration("MapIterationFailed", frame, visit)


def _record_iteration(event_type: str, frame: Frame, visit: Visit) -> None:
    index = frame.map_item.index if frame.map_item is not None else 0
    visit.record(event_type, iteration_details(frame.scope, index))


def iteration_details(scope: str, index: int) -> JsonObject:
    """The details of an event of an iteration.

    Args:
        scope: JSON pointer of the item processor in the definition.
        index: Number of the item, from 0.
    """
    return {"name": _map_state_name(scope), "index": index}


def _map_state_name(scope: str) -> str:
    """The name in ``.../States/<name>/ItemProcessor``, unescaped (RFC 6901)."""
    _, name, _ = scope.rsplit("/", 2)
    return name.replace("~1", "/").replace("~0", "~")
