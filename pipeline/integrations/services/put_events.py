"""Step Functions' additions to events:putEvents.

AWS Step Functions Developer Guide, "Add EventBridge events with Step Functions": Detail may be a
JSON object, Resources gets the ARNs of the execution and its state machine, and an entry that
failed fails the Task state.
"""

from pipeline.language.context_object import ExecutionContext
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json, JsonObject, dumps

FAILED_ENTRY = "EventBridge.FailedEntry"


def entries_of(arguments: Json, execution: ExecutionContext) -> Json:
    """The parameters of PutEvents, from a state's effective input."""
    if not isinstance(arguments, dict) or not isinstance(arguments.get("Entries"), list):
        return arguments
    entries = arguments["Entries"]
    assert isinstance(entries, list)  # noqa: S101 - checked above; mypy does not narrow subscripts
    return {**arguments, "Entries": [_entry(entry, execution) for entry in entries]}


def _entry(entry: Json, execution: ExecutionContext) -> Json:
    if not isinstance(entry, dict):
        return entry
    detail, resources = entry.get("Detail"), entry.get("Resources", [])
    own: list[Json] = [execution.execution_arn, execution.machine_arn]
    prepared: JsonObject = dict(entry)
    if isinstance(resources, list):
        prepared["Resources"] = [*resources, *own]
    if detail is not None and not isinstance(detail, str):
        prepared["Detail"] = dumps(detail)
    return prepared


def reject_failed_entries(result: Json) -> None:
    """Check that EventBridge took every event.

    Raises:
        ExecutionError: EventBridge.FailedEntry with the result as its cause, if it did not.
    """
    if isinstance(result, dict) and result.get("FailedEntryCount"):
        raise ExecutionError(FAILED_ENTRY, dumps(result))
