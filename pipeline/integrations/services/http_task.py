"""``http:invoke``: calling a third party's HTTP endpoint.

AWS Step Functions Developer Guide, "Call HTTPS APIs in Step Functions workflows".
"""

import base64
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache

import httpx

from pipeline.integrations.services.connections import (
    Additions,
    ApiKeyConnection,
    BasicConnection,
    Connection,
    Connections,
    OAuthConnection,
)
from pipeline.integrations.services.http_request import HttpRequest, connection_arn, http_request
from pipeline.integrations.services.http_trace import HttpTrace
from pipeline.integrations.services.oauth_tokens import OAuthTokens, TokenNotGranted
from pipeline.integrations.services.parameters import unusable
from pipeline.language.data_limits import MAX_BYTES, too_large
from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.json_value import Json, JsonObject, loads

HTTP_INVOKE = "http:invoke"
_RESOURCE = f"arn:aws:states:::{HTTP_INVOKE}"
SOCKET = "States.Http.Socket"

_TOKEN_REJECTED = frozenset({401, 403, 407})
"""After one of these statuses, the next request fetches a new token."""

_SECONDS = 60.0
"""AWS's limit of the time of an endpoint."""


class HttpTask:
    """Calls endpoints with the connections of this installation."""

    def __init__(
        self, connections: Connections, clock: Callable[[], float], *, region: str
    ) -> None:
        """Send nothing yet.

        Args:
            connections: The connections that state machines may name.
            clock: Gives the epoch seconds.
            region: The region that the user agent names.
        """
        self._connections = connections
        self._region = region
        self._tokens = OAuthTokens(clock)

    def invoke(self, arguments: Json, trace: HttpTrace | None = None) -> Json:
        """Send the request of an effective input and return the answer.

        Args:
            arguments: The effective input.
            trace: Gets the request and the answer, or None.

        Raises:
            ExecutionError: States.Runtime if the input is wrong, States.Http.Socket if the endpoint
                was not reached, States.Http.StatusCode.404 and so on if it rejected the call.
        """
        if not isinstance(arguments, dict):
            raise unusable(arguments, "The Parameters must be an object")
        arn = connection_arn(arguments)
        connection = self._connections.find(arn)
        if connection is None:
            raise ExecutionError(RUNTIME, f"The connection '{arn}' does not exist.")
        response, text = self._exchange(arguments, connection, trace)
        if response.status_code in _TOKEN_REJECTED and isinstance(connection, OAuthConnection):
            self._tokens.forget(connection)
        if not response.is_success:
            cause = text or f"{response.status_code} {response.reason_phrase}"
            raise ExecutionError(f"States.Http.StatusCode.{response.status_code}", cause)
        return _result(response, text)

    def _exchange(
        self, arguments: JsonObject, connection: Connection, trace: HttpTrace | None
    ) -> tuple[httpx.Response, str]:
        request = http_request(arguments, connection, self._region)
        with _reaching(request.url):
            client = _client(os.getpid())
            sent = _built(client, request, self._credentials(connection, client))
            if trace is not None:
                plain = _built(client, http_request(arguments, Additions(), self._region), {})
                trace.sending(sent if trace.reveals_secrets else plain)
            response, text = _answer(client, sent)
        if trace is not None:
            trace.received(response, text)
        return response, text

    def _credentials(self, connection: Connection, client: httpx.Client) -> Mapping[str, str]:
        """The header that authenticates the caller."""
        match connection:
            case BasicConnection():
                pair = f"{connection.username}:{connection.password}".encode()
                return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
            case ApiKeyConnection():
                return {connection.name.lower(): connection.value}
            case OAuthConnection():
                return {"authorization": f"Bearer {self._tokens.token(connection, client)}"}


@cache
def _client(_process_id: int) -> httpx.Client:
    """One client for each process: a forked worker must not share its connections."""
    return httpx.Client(timeout=_SECONDS, limits=httpx.Limits(max_connections=None))


def _built(
    client: httpx.Client, request: HttpRequest, credentials: Mapping[str, str]
) -> httpx.Request:
    return client.build_request(
        request.method,
        httpx.URL(request.url).copy_merge_params(request.query),
        headers={**request.headers, **credentials},
        content=request.content,
    )


def _answer(client: httpx.Client, request: httpx.Request) -> tuple[httpx.Response, str]:
    """The answer, with as much of its body as a state may return."""
    deadline = time.monotonic() + _SECONDS
    # The connection overrides a name and password in the URL.
    auth = httpx.Auth() if "authorization" in request.headers else None
    response = client.send(request, auth=auth, stream=True)
    try:
        return response, _text(response, deadline)
    finally:
        response.close()


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        cause = f"The HTTP endpoint '{url}' did not respond in {_SECONDS:.0f} seconds."
        raise ExecutionError(SOCKET, cause) from error
    except (httpx.RequestError, httpx.InvalidURL, TokenNotGranted) as error:
        cause = f"The HTTP endpoint '{url}' could not be reached: {error}"
        raise ExecutionError(SOCKET, cause) from error


def _text(response: httpx.Response, deadline: float) -> str:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            raise too_large(_RESOURCE)
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer has not ended")
    return content.decode(response.encoding or "utf-8", errors="replace")


def _result(response: httpx.Response, text: str) -> JsonObject:
    body: Json = text
    if "json" in response.headers.get("content-type", ""):
        # A body that is not JSON, although its type says so, stays a text.
        with suppress(ValueError):
            body = loads(text)
    names = dict.fromkeys(name.lower() for name in response.headers)
    return {
        "Headers": {name: list(response.headers.get_list(name)) for name in names},
        "ResponseBody": body,
        "StatusCode": response.status_code,
        "StatusText": response.reason_phrase,
    }
