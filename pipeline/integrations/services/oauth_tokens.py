"""Access tokens of OAuth connections (RFC 6749, "Client Credentials Grant"), kept while valid."""

import threading
from collections.abc import Callable
from typing import TypeAlias

import httpx

from pipeline.integrations.services.connections import OAuthConnection

_MARGIN_SECONDS = 60.0
_USUAL_SECONDS = 300.0
"""How long a token is kept if its server does not say how long it is valid."""


_Key: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]


class TokenNotGranted(Exception):
    """The authorization server did not issue a token."""


class OAuthTokens:
    """The tokens of one process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        # One lock for each, so that a slow authorization server delays its own connections only.
        self._locks: dict[_Key, threading.Lock] = {}
        self._tokens: dict[_Key, tuple[str, float]] = {}

    def token(self, connection: OAuthConnection, client: httpx.Client) -> str:
        """A token of the connection.

        Raises:
            TokenNotGranted: The authorization server did not issue one.
            httpx.RequestError: It was not reached.
        """
        key = _key(connection)
        with self._locks.setdefault(key, threading.Lock()):
            token, expires_at = self._tokens.get(key, ("", 0.0))
            if self._clock() >= expires_at:
                token, seconds = _fetch(connection, client)
                self._tokens[key] = token, self._clock() + seconds
            return token

    def forget(self, connection: OAuthConnection) -> None:
        """Drop the token, which the endpoint rejected, so that the next call fetches a new one."""
        self._tokens.pop(_key(connection), None)


def _key(connection: OAuthConnection) -> _Key:
    """The parts that distinguish connections at their server; scopes are parameters."""
    parameters = tuple(sorted(connection.authorization_parameters.items()))
    return connection.authorization_endpoint, connection.client_id, parameters


def _fetch(connection: OAuthConnection, client: httpx.Client) -> tuple[str, float]:
    """A new token, and for how many seconds to keep it."""
    fields = {
        "grant_type": "client_credentials",
        "client_id": connection.client_id,
        "client_secret": connection.client_secret,
        **connection.authorization_parameters,
    }
    in_query = connection.method == "GET"
    response = client.request(
        connection.method,
        connection.authorization_endpoint,
        params=fields if in_query else None,
        data=None if in_query else fields,
    )
    try:
        answer = response.json() if response.is_success else {}
        token, seconds = str(answer["access_token"]), float(answer.get("expires_in", 0))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{connection.authorization_endpoint} answered {response.status_code}"
        raise TokenNotGranted(message) from error
    return token, max(0.0, seconds - _MARGIN_SECONDS) if seconds else _USUAL_SECONDS
