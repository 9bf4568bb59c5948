"""Pages of what an action lists, and the tokens that lead from one to the next.

A token holds where its page began to end, not a number of elements to skip: what is added or
deleted meanwhile moves nothing. It needs no secret, since it opens nothing that its caller could
not list anyway; its digest exposes a token that was forged, cut off or made for other arguments.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

import orjson

from pipeline.api.call import Call
from pipeline.api.errors import ApiError

DEFAULT_PAGE = 100
"""Elements of a page when ``maxResults`` is absent or 0."""

LIFETIME_SECONDS = 24 * 3600

_DIGEST_BYTES = 16

Element = TypeVar("Element")

Position: TypeAlias = list[int | float | str]
"""The values by which a list is ordered, of one element."""


def read_page(
    call: Call,
    arguments: Sequence[object],
    fetch: Callable[[Position | None, int], Sequence[Element]],
    position: Callable[[Element], Position],
) -> tuple[Sequence[Element], str | None]:
    """The page that a call asks for by ``maxResults`` and ``nextToken``.

    Args:
        call: The call of the list action.
        arguments: The action's name and every argument that must equal the previous page's.
        fetch: Gives the elements behind a position (from the start when it is None), at most so
            many, in the order of their positions.
        position: Of an element.

    Returns:
        The elements, and the token of the next page or None.

    Raises:
        ApiError: InvalidToken.
    """
    scope = orjson.dumps([call.account_id, call.region, *arguments])
    limit = call.input.get("maxResults") or DEFAULT_PAGE
    token = call.input.get("nextToken")
    after = None if token is None else _open(token, scope, call.engine.clock())
    elements = fetch(after, limit + 1)
    if len(elements) <= limit:
        return elements, None
    elements = elements[:limit]
    return elements, _seal(position(elements[-1]), scope, call.engine.clock())


def _seal(position: Position, scope: bytes, now: float) -> str:
    content = orjson.dumps([now + LIFETIME_SECONDS, position])
    return base64.urlsafe_b64encode(_digest(content, scope) + content).decode()


def _open(token: str, scope: bytes, now: float) -> Position:
    try:
        sealed = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise _invalid() from error
    content = sealed[_DIGEST_BYTES:]
    if sealed[:_DIGEST_BYTES] != _digest(content, scope):
        raise _invalid()
    expires_at, position = orjson.loads(content)
    if now >= expires_at:
        raise _invalid()
    read: Position = position
    return read


def _digest(content: bytes, scope: bytes) -> bytes:
    return hashlib.blake2b(content, key=hashlib.sha256(scope).digest()).digest()[:_DIGEST_BYTES]


def _invalid() -> ApiError:
    return ApiError("InvalidToken", "Invalid Token: 'Invalid token'")
