"""Strategies over whole lists."""

from tasks.smart_statebag.bag.json_value import Json, encode_canonical
from tasks.smart_statebag.workflow.operators.call import Strategy, StrategyCall, StrategyError


def list_unique(call: StrategyCall) -> Json:
    """The elements without repetitions, the first of equals kept."""
    seen: dict[bytes, Json] = {}
    for item in call.elements():
        seen.setdefault(encode_canonical(item), item)
    return list(seen.values())


def list_slice(call: StrategyCall) -> Json:
    """Elements from ``start`` (0) up to ``end``, as Python slices."""
    end = call.whole_param("end", len(call.elements()))
    return call.elements()[call.whole_param("start", 0) : end]


def list_join(call: StrategyCall) -> Json:
    """The elements as one text, ``separator`` between them."""
    return call.text_param("separator", ", ").join(as_text(item) for item in call.elements())


def list_length(call: StrategyCall) -> Json:
    """The number of elements."""
    return len(call.elements())


def list_flatten(call: StrategyCall) -> Json:
    """Lists among the elements replaced by their elements, ``depth`` (1) levels deep."""
    flat = call.elements()
    for _ in range(call.whole_param("depth", 1)):
        flat = [inner for item in flat for inner in (item if isinstance(item, list) else [item])]
    return flat


def list_first(call: StrategyCall) -> Json:
    """The first element, ``default`` of an empty list."""
    return call.elements()[0] if call.elements() else call.params.get("default")


def list_last(call: StrategyCall) -> Json:
    """The last element, ``default`` of an empty list."""
    return call.elements()[-1] if call.elements() else call.params.get("default")


def list_append(call: StrategyCall) -> Json:
    """The list with ``item``, or with each of ``items``, at its end."""
    if "items" in call.params:
        return [*call.elements(), *call.list_param("items")]
    if "item" not in call.params:
        raise StrategyError("the parameter item is missing")
    return [*call.elements(), call.params["item"]]


def as_text(value: Json) -> str:
    """Text as it is, null as nothing, any other value as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else encode_canonical(value).decode()


LISTS: dict[str, Strategy] = {
    "list_unique": list_unique,
    "list_slice": list_slice,
    "list_join": list_join,
    "list_length": list_length,
    "list_flatten": list_flatten,
    "list_first": list_first,
    "list_last": list_last,
    "list_append": list_append,
}
