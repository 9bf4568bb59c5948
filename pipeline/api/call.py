"""One call of an action, as passed to its handler."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import uuid4

from pipeline.engine.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that is authentic and has the shape of the action's input.

    Attributes:
        engine: The engine of this process.
        account_id: The account of the caller: twelve digits.
        region: The region that the request was signed for.
        input: The input's members by AWS's names; timestamps in epoch seconds, blobs as bytes.
        request_id: The request's id in the answer.
        ending: Set when the endpoint stops or the caller disconnects. A coroutine that waits
            for long waits for this too, and then answers at once with what it has.
    """

    engine: Engine
    account_id: str
    region: str
    input: dict[str, Any]
    request_id: str = field(default_factory=lambda: str(uuid4()))
    ending: asyncio.Event = field(default_factory=asyncio.Event)


Output: TypeAlias = dict[str, Any]
"""The output's members by AWS's names; timestamps in epoch seconds. A member that is None is left
out."""

Handler: TypeAlias = Callable[[Call], Output] | Callable[[Call], Awaitable[Output]]
"""An action. A plain function runs in a thread; one that waits for long is a coroutine function
and does not hold a thread meanwhile. What it does in threads goes through ``asyncio.to_thread``,
whose number of threads the endpoint bounds."""
