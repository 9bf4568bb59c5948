"""Running the handler of an action, whichever protocol the request came by."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request

from pipeline.api.authentication import Identity
from pipeline.api.call import Call, Handler, Output
from pipeline.api.endings import Endings
from pipeline.api.request_log import REQUEST_ID
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What every call needs.

    Attributes:
        engine: Serves the requests.
        endings: Ends long polls.
    """

    engine: Engine
    endings: Endings

    async def output(
        self, handler: Handler, request: Request, identity: Identity, members: dict[str, Any]
    ) -> Output:
        """The output of a handler, which runs on the event loop or in a thread.

        Args:
            handler: The action.
            request: The request, whose body has been read.
            identity: Its sender.
            members: The members of its input, checked.

        Raises:
            ApiError: The handler or the engine rejects the request.
        """
        async with self.endings.of(request) as ending:
            call = Call(
                engine=self.engine,
                account_id=identity.account_id,
                region=identity.region,
                input=members,
                request_id=request.scope[REQUEST_ID],
                ending=ending,
            )
            with as_api_errors():
                if inspect.iscoroutinefunction(handler):
                    output: Output = await handler(call)
                    return output
                return await asyncio.to_thread(cast(Callable[[Call], Output], handler), call)
