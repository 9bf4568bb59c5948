"""Actions on the tags of state machines and activities."""

import re
from collections.abc import Iterable, Mapping

from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.arns import read_activity_arn, read_state_machine_arn, resource_type
from pipeline.state_machines import tags

_TEXT = re.compile(r"[\w\s.:/=+\-@]*")
_RESERVED = "aws:"


def tag_resource(call: Call) -> Output:
    """Add tags to a state machine or an activity."""
    arn = _resource_arn(call)
    with as_api_errors():
        tags.tag_resource(call.engine, arn, read_tags(call.input["tags"]))
    return {}


def untag_resource(call: Call) -> Output:
    """Remove tags from a state machine or an activity."""
    arn = _resource_arn(call)
    with as_api_errors():
        tags.untag_resource(call.engine, arn, call.input["tagKeys"])
    return {}


def list_tags_for_resource(call: Call) -> Output:
    """List the tags of a state machine or an activity."""
    arn = _resource_arn(call)
    with as_api_errors():
        found = tags.tags_of(call.engine, arn)
    return {"tags": [{"key": key, "value": value} for key, value in found.items()]}


def read_tags(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The tags of an input by their keys.

    Raises:
        ApiError: ValidationException; a key is missing, reserved, or has other characters than
            AWS allows, or a value has.
    """
    read: dict[str, str] = {}
    for tag in given:
        key, value = tag.get("key", ""), tag.get("value", "")
        if not key:
            raise ApiError("ValidationException", "A tag must have a key")
        if key.lower().startswith(_RESERVED):
            raise ApiError(
                "ValidationException", f"Tag keys that begin with '{_RESERVED}' are reserved"
            )
        if not (_TEXT.fullmatch(key) and _TEXT.fullmatch(value)):
            raise ApiError(
                "ValidationException",
                "Tags may only contain Unicode letters, digits, white space, or these symbols: "
                "_ . : / = + - @.",
            )
        read[key] = value
    return read


def _resource_arn(call: Call) -> str:
    arn: str = call.input["resourceArn"]
    if resource_type(call.account_id, arn) == "activity":
        return read_activity_arn(call.account_id, arn).text
    return read_state_machine_arn(call.account_id, arn).text
