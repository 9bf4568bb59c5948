"""Who may enter the console, and what they may do there."""

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pipeline.api.access_keys import AccessKey, AccessKeys, Role
from pipeline.api.authentication import Identity
from pipeline.console.sessions import Session, csrf_token, new_session, seal, unseal

LOCAL = "local"
"""Signs the sessions that no access key has opened."""

_TOKEN_BYTES = 24


@dataclass(kw_only=True)
class Access:
    """The doors of one endpoint's console.

    Attributes:
        keys: Access keys that open it.
        identity: Whose resources the holder of the one-time token sees; its region is that of
            every session.
        is_open: Whether anyone enters without a key: for tests.
        clock: Gives epoch seconds.
    """

    keys: AccessKeys
    identity: Identity
    is_open: bool = False
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self._token: str | None = None
        self._lock = threading.Lock()
        self._secrets: Mapping[str, bytes] = {LOCAL: secrets.token_bytes(32)} | {
            key.access_key_id: key.secret_access_key.encode() for key in self.keys.values()
        }

    def one_time_token(self) -> str:
        """A token that opens the console once; it replaces an earlier one."""
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        return self._token

    def enter_with_token(self, token: str) -> Session | None:
        """The session that a one-time token opens, if it is the right one and unused."""
        with self._lock:
            if self._token is None or not hmac.compare_digest(token.encode(), self._token.encode()):
                return None
            self._token = None
        return self._local_session()

    def enter_with_key(self, access_key_id: str, secret: str) -> Session | None:
        """The session that an access key opens, if the secret is its own."""
        key = self.keys.get(access_key_id)
        expected = key.secret_access_key if key else secrets.token_urlsafe()
        if not hmac.compare_digest(secret.encode(), expected.encode()) or key is None:
            return None
        return self._session_of(key)

    def session_of(self, cookie: str | None) -> Session | None:
        """The session of a cookie; an open console gives one to a visitor without."""
        session = unseal(cookie, self._secrets, self.clock()) if cookie else None
        return session or (self._everyones_session() if self.is_open else None)

    def cookie_of(self, session: Session) -> str:
        """The value of a session's cookie."""
        return seal(session, self._secrets[session.key_id])

    def csrf_token(self, session: Session) -> str:
        """The token of a session's forms."""
        return csrf_token(session, self._secrets[session.key_id])

    def is_from_own_form(self, session: Session, given: str) -> bool:
        """Whether a request carries the token of its session's forms."""
        return hmac.compare_digest(given.encode(), self.csrf_token(session).encode())

    def _everyones_session(self) -> Session:
        """The session of all visitors of an open console, whose forms have the same token."""
        return replace(self._local_session(), nonce=LOCAL)

    def _local_session(self) -> Session:
        own = self.identity
        return new_session(LOCAL, own.account_id, own.region, Role.FULL, self.clock())

    def _session_of(self, key: AccessKey) -> Session:
        return new_session(
            key.access_key_id, key.account_id, self.identity.region, key.role, self.clock()
        )
