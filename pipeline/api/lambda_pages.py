"""Pages of functions and versions, and the markers that lead from one to the next."""

import base64
import binascii
from collections.abc import Sequence

from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError

_MAX_ITEMS = 50


def lambda_page(call: Call, functions: Sequence[Output], name: str) -> Output:
    """The page that a call asks for by MaxItems and Marker.

    Args:
        call: The call of the list action.
        functions: All that there is to list.
        name: The output's member.

    Raises:
        ApiError: InvalidParameterValueException, for a marker that is none.
    """
    limit = min(call.input.get("MaxItems", _MAX_ITEMS), _MAX_ITEMS)
    ordered = sorted(functions, key=_position)
    if marker := call.input.get("Marker"):
        after = _read(marker)
        ordered = [one for one in ordered if _position(one) > after]
    page = ordered[:limit]
    more = len(ordered) > limit
    return {name: page, "NextMarker": _marker(_position(page[-1])) if more else None}


_Position = tuple[str, int]


def _position(function: Output) -> _Position:
    """By name, and ``$LATEST`` before the versions from the oldest on."""
    version = function["Version"]
    return function["FunctionName"], int(version) if version.isdigit() else 0


def _marker(position: _Position) -> str:
    name, version = position
    return base64.urlsafe_b64encode(f"{name}:{version}".encode()).decode()


def _read(marker: str) -> _Position:
    try:
        name, _, version = base64.urlsafe_b64decode(marker.encode("ascii")).decode().rpartition(":")
        return name, int(version)
    except (ValueError, binascii.Error) as error:
        raise ApiError("InvalidParameterValueException", "The marker is not valid.") from error
