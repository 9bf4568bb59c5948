"""``decompress``: a tool to look into a ``compressed`` envelope (Contract 4.2)."""

from tasks.smart_statebag.bag.envelopes import decompress as decode_data
from tasks.smart_statebag.bag.envelopes import kind_of
from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.state_data_manager.calls import ActionCall, ActionTools, run_action


def decompress(event: JsonObject, tools: ActionTools | None = None) -> Json:
    """The value behind ``compressed_data``: base64 text or a ``compressed`` envelope."""
    return run_action("decompress", _decompress, event, tools)


def _decompress(event: JsonObject, _: ActionCall) -> Json:
    data = event.get("compressed_data")
    if not data:
        raise InvalidInput("compressed_data")
    if isinstance(data, dict) and kind_of(data) == "compressed":
        return decode_data(data["data"])
    return decode_data(data)
