"""Reading a request's body, which is neither too long nor endless."""

import asyncio
from typing import NoReturn

from starlette.requests import ClientDisconnect, Request

from pipeline.api.errors import ApiError

_SECONDS = 30.0
"""In which a small body has come, or its connection is taken to be dead."""

_SLOWEST_BYTES_PER_SECOND = 1 << 16
"""At which a large one comes over a poor connection."""


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """The body of a request.

    Raises:
        ApiError: It is longer than the limit, or does not come.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > limit_bytes:
        _too_large(limit_bytes)
    try:
        async with asyncio.timeout(_SECONDS + int(length) / _SLOWEST_BYTES_PER_SECOND):
            return await _joined(request, limit_bytes)
    except (TimeoutError, ClientDisconnect) as error:
        raise ApiError("RequestTimeoutException", "The request's body has not come.") from error


async def _joined(request: Request, limit_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            _too_large(limit_bytes)
    return bytes(body)


def _too_large(limit_bytes: int) -> NoReturn:
    raise ApiError(
        "RequestEntityTooLargeException", f"The request must be smaller than {limit_bytes} bytes."
    )
