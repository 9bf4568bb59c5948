"""The state of a legacy machine's result: inline, or its wrapper."""

from tasks.bag.envelopes import wrapper
from tasks.bag.json_value import JsonObject
from tasks.bag.sizes import FIELD_LIMIT
from tasks.bag.storage import Written


def inline_or_wrapper(state: JsonObject, written: Written) -> JsonObject:
    """The state itself up to 30 KB."""
    return state if written.size_bytes <= FIELD_LIMIT else wrapper(written)
