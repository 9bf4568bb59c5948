"""Reading events of StateDataManager (Contract 4.1)."""

from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.field_sets import INTERNAL_FIELDS
from tasks.smart_statebag.bag.json_value import Json, JsonObject

WRAPPERS = ("result", "Payload")
MAX_WRAPPERS = 2


def bag_of(event: JsonObject) -> JsonObject:
    """A copy of the event's bag, without the words for routing.

    Raises:
        InvalidInput: ``state_data`` is missing, null or not an object.
    """
    bag = required_object(event, "state_data")
    return {name: value for name, value in bag.items() if name not in INTERNAL_FIELDS}


def required_object(event: JsonObject, name: str) -> JsonObject:
    """A required object of the event."""
    value = event.get(name)
    if not isinstance(value, dict):
        raise InvalidInput(name, "is required and must be an object")
    return dict(value)


def unwrapped(value: Json) -> Json:
    """A result without its wrappers ``result`` or ``Payload``, of which there are at most two."""
    for _ in range(MAX_WRAPPERS):
        inner = _inner(value)
        if inner is None:
            break
        value = inner
    return value


def _inner(value: Json) -> Json:
    # A result has a status; only what has none can be a wrapper around one.
    if not isinstance(value, dict) or "status" in value:
        return None
    return next((value[name] for name in WRAPPERS if value.get(name) is not None), None)
