"""A person's answer: found in a callback, put into a state document (Contract 4.9, 7.3)."""

from tasks.smart_statebag.bag.json_value import Json, JsonObject

ANSWER_FIELDS = (
    "user_response",
    "userResponse",
    "human_response",
    "user_callback_result",
    "response",
)
RESUME = "__resume"
"""Key of a state that lets exactly one hitp segment run."""


def callback_field(callback: Json, name: str) -> Json:
    """A field of a callback, else of its ``Payload``."""
    for layer in _layers(callback):
        if layer.get(name) is not None:
            return layer[name]
    return None


def answer_of(callback: Json) -> Json:
    """The answer a callback carries; the callback itself if none of its fields is one."""
    for layer in _layers(callback):
        for field in ANSWER_FIELDS:
            if field in layer:
                return layer[field]
    return callback


def resumed_state(state: JsonObject, callback: Json, segment: int) -> JsonObject:
    """A state with the answer in it and the permission to run the segment that waited for it."""
    return {
        **state,
        "last_hitp_response": answer_of(callback),
        RESUME: {"segment": segment, "pause_id": callback_field(callback, "pause_id")},
    }


def _layers(callback: Json) -> list[JsonObject]:
    if not isinstance(callback, dict):
        return []
    payload = callback.get("Payload")
    return [callback, payload] if isinstance(payload, dict) else [callback]
