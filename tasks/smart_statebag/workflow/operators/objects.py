"""Strategies over objects."""

from tasks.smart_statebag.bag.json_value import Json, JsonObject, decode, encode
from tasks.smart_statebag.workflow.expressions import ExpressionSyntaxError, parse_path
from tasks.smart_statebag.workflow.operators.call import Strategy, StrategyCall, StrategyError
from tasks.smart_statebag.workflow.state_view import Missing, Path, StateView


def deep_get(call: StrategyCall) -> Json:
    """The value at ``path`` within the input, ``default`` where there is none."""
    found = StateView(state={"": call.value}).find(("", *path_param(call)))
    return call.params.get("default") if isinstance(found, Missing) else found


def deep_set(call: StrategyCall) -> Json:
    """The input with ``value`` at ``path``; objects on the way are made."""
    return _with_value(call.members(), path_param(call), call.params.get("value"))


def pick(call: StrategyCall) -> Json:
    """The members named by ``keys``."""
    return {key: value for key, value in call.members().items() if key in call.list_param("keys")}


def omit(call: StrategyCall) -> Json:
    """All members but those named by ``keys``."""
    keys = call.list_param("keys")
    return {key: value for key, value in call.members().items() if key not in keys}


def merge_objects(call: StrategyCall) -> Json:
    """The objects of the input (a list), or the input and ``with``; later members win."""
    value = call.value
    objects = value if isinstance(value, list) else [call.members(), call.params.get("with")]
    merged: JsonObject = {}
    for each in objects:
        if not isinstance(each, dict):
            raise StrategyError("only objects can be merged")
        merged.update(each)
    return merged


def json_parse(call: StrategyCall) -> Json:
    """The value of a JSON text."""
    try:
        return decode(call.text())
    except ValueError as error:
        raise StrategyError(f"the input is not JSON: {error}") from error


def json_stringify(call: StrategyCall) -> Json:
    """The compact JSON text of the input."""
    return encode(call.value).decode()


def path_param(call: StrategyCall) -> Path:
    """The parameter ``path``, parsed."""
    try:
        return parse_path(call.text_param("path"))
    except ExpressionSyntaxError as error:
        raise StrategyError(str(error)) from error


def _with_value(current: Json, path: Path, value: Json) -> Json:
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(head, int):
        if not isinstance(current, list) or not -len(current) <= head < len(current):
            raise StrategyError(f"there is no element {head} to set")
        changed = list(current)
        changed[head] = _with_value(current[head], rest, value)
        return changed
    if current is not None and not isinstance(current, dict):
        raise StrategyError(f"{head} cannot be set in a value that is not an object")
    members = current or {}
    return {**members, head: _with_value(members.get(head), rest, value)}


OBJECTS: dict[str, Strategy] = {
    "deep_get": deep_get,
    "deep_set": deep_set,
    "pick": pick,
    "omit": omit,
    "merge_objects": merge_objects,
    "json_parse": json_parse,
    "json_stringify": json_stringify,
}
