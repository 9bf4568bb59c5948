"""``http:invoke``: calling a third party's HTTP endpoint.

AWS Step Functions Developer Guide, "Call HTTPS APIs in Step Functions workflows".
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache

import httpx

from pipeline.language.data_limits import MAXIMUM_BYTES, too_large
from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.json_value import Json, JsonObject, loads
from pipeline.services.connections import (
    ApiKeyConnection,
    BasicConnection,
    Connection,
    Connections,
    OAuthConnection,
)
from pipeline.services.http_request import HttpRequest, connection_arn, http_request
from pipeline.services.oauth_tokens import OAuthTokens, TokenRefused
from pipeline.services.parameters import unusable

HTTP_INVOKE = "http:invoke"
SOCKET = "States.Http.Socket"

_SECONDS = 60.0
"""AWS lets an endpoint take no longer."""


class HttpTask:
    """Calls endpoints with the connections of this installation."""

    def __init__(self, connections: Connections, clock: Callable[[], float]) -> None:
        self._connections = connections
        self._tokens = OAuthTokens(clock)

    def invoke(self, arguments: Json) -> Json:
        """Send the request of an effective input and return the answer.

        Raises:
            ExecutionError: States.Runtime where the input is wrong, States.Http.Socket where the
                endpoint was not reached, States.Http.StatusCode.404 and the like where it refused.
        """
        if not isinstance(arguments, dict):
            raise unusable(arguments, "The Parameters must be an object")
        arn = connection_arn(arguments)
        connection = self._connections.find(arn)
        if connection is None:
            raise ExecutionError(RUNTIME, f"The connection '{arn}' does not exist.")
        request = http_request(arguments, connection)
        with _reaching(request.url):
            response, text = self._send(request, connection)
        if response.status_code in {401, 403} and isinstance(connection, OAuthConnection):
            self._tokens.forget(connection)
        if not response.is_success:
            cause = text or f"{response.status_code} {response.reason_phrase}"
            raise ExecutionError(f"States.Http.StatusCode.{response.status_code}", cause)
        return _result(response, text)

    def _send(self, request: HttpRequest, connection: Connection) -> tuple[httpx.Response, str]:
        """The answer and its body, as far as a state may return it."""
        client = _client(os.getpid())
        headers, auth = self._credentials(connection, client)
        sent = client.build_request(
            request.method,
            httpx.URL(request.url).copy_merge_params(request.query),
            headers={**request.headers, **headers},
            content=request.content,
        )
        response = client.send(sent, auth=auth, stream=True)
        try:
            return response, _text(response, request)
        finally:
            response.close()

    def _credentials(
        self, connection: Connection, client: httpx.Client
    ) -> tuple[dict[str, str], httpx.Auth | None]:
        match connection:
            case BasicConnection():
                return {}, httpx.BasicAuth(connection.username, connection.password)
            case ApiKeyConnection():
                return {connection.name.lower(): connection.value}, None
            case OAuthConnection():
                return {"authorization": f"Bearer {self._tokens.token(connection, client)}"}, None


@cache
def _client(_process_id: int) -> httpx.Client:
    """One client a process: its connections must not be shared with a forked worker."""
    return httpx.Client(timeout=_SECONDS, limits=httpx.Limits(max_connections=None))


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        cause = f"The HTTP endpoint '{url}' did not respond in {_SECONDS:.0f} seconds."
        raise ExecutionError(SOCKET, cause) from error
    except (httpx.RequestError, httpx.InvalidURL, TokenRefused) as error:
        cause = f"The HTTP endpoint '{url}' could not be reached: {error}"
        raise ExecutionError(SOCKET, cause) from error


def _text(response: httpx.Response, request: HttpRequest) -> str:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAXIMUM_BYTES:
            raise too_large(request.url)
    return content.decode(response.encoding or "utf-8", errors="replace")


def _result(response: httpx.Response, text: str) -> JsonObject:
    body: Json = text
    if "json" in response.headers.get("content-type", ""):
        # What says that it is JSON and is not stays a text.
        with suppress(ValueError):
            body = loads(text)
    names = dict.fromkeys(name.lower() for name in response.headers)
    return {
        "Headers": {name: list(response.headers.get_list(name)) for name in names},
        "ResponseBody": body,
        "StatusCode": response.status_code,
        "StatusText": response.reason_phrase,
    }
