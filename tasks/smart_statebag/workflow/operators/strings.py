"""Strategies over text."""

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.operators.call import Strategy, StrategyCall, StrategyError
from tasks.smart_statebag.workflow.operators.lists import as_text


def string_upper(call: StrategyCall) -> Json:
    """The text in upper case."""
    return call.text().upper()


def string_lower(call: StrategyCall) -> Json:
    """The text in lower case."""
    return call.text().lower()


def string_trim(call: StrategyCall) -> Json:
    """The text without white space at its ends."""
    return call.text().strip()


def string_split(call: StrategyCall) -> Json:
    """The parts between ``separator``; without one, the words."""
    separator = call.params.get("separator")
    parts = call.text().split(call.text_param("separator")) if separator else call.text().split()
    return list(parts)


def string_replace(call: StrategyCall) -> Json:
    """The text with every ``old`` replaced by ``new``."""
    old = call.text_param("old")
    if not old:
        raise StrategyError("the parameter old is empty")
    return call.text().replace(old, call.text_param("new", ""))


def string_concat(call: StrategyCall) -> Json:
    """The input followed by ``parts``, ``separator`` between them."""
    head = call.elements() if isinstance(call.value, list) else [call.value]
    tail = call.list_param("parts") if "parts" in call.params else []
    parts = [part for part in (*head, *tail) if part is not None]
    return call.text_param("separator", "").join(as_text(part) for part in parts)


def string_template(call: StrategyCall) -> Json:
    """The parameter ``template`` (else the input), already rendered over the state."""
    return as_text(call.params.get("template", call.value))


def string_length(call: StrategyCall) -> Json:
    """The number of characters."""
    return len(call.text())


def string_truncate(call: StrategyCall) -> Json:
    """At most ``length`` characters, ``suffix`` included where something was cut."""
    text, length = call.text(), call.whole_param("length")
    if len(text) <= length:
        return text
    suffix = call.text_param("suffix", "")[: max(length, 0)]
    return text[: max(length, 0) - len(suffix)] + suffix


STRINGS: dict[str, Strategy] = {
    "string_upper": string_upper,
    "string_lower": string_lower,
    "string_trim": string_trim,
    "string_split": string_split,
    "string_replace": string_replace,
    "string_concat": string_concat,
    "string_template": string_template,
    "string_length": string_length,
    "string_truncate": string_truncate,
}
