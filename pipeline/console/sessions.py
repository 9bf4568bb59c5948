"""Sessions of the console: signed cookies, so that every endpoint of an installation accepts them.

A session that an access key opened is signed with that key's secret: who removes the key from the
file ends its sessions.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pipeline.api.access_keys import Role

LIFETIME_SECONDS = 12 * 3600

_NONCE_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in person.

    Attributes:
        key_id: Whose secret signs the session: an access key's id, or ``LOCAL``.
        account_id, region: Whose resources it shows.
        role: What it may do.
        expires_at: Epoch seconds.
        nonce: Makes the session unique.
    """

    key_id: str
    account_id: str
    region: str
    role: Role
    expires_at: float
    nonce: str

    @property
    def may_act(self) -> bool:
        """Whether it may do more than look."""
        return self.role is Role.FULL


def new_session(key_id: str, account_id: str, region: str, role: Role, now: float) -> Session:
    """A session that begins now (epoch seconds)."""
    return Session(
        key_id=key_id,
        account_id=account_id,
        region=region,
        role=role,
        expires_at=now + LIFETIME_SECONDS,
        nonce=secrets.token_hex(_NONCE_BYTES),
    )


def seal(session: Session, secret: bytes) -> str:
    """The session as the value of a cookie."""
    content = json.dumps(asdict(session)).encode()
    return f"{_text(content)}.{_text(_digest(secret, b'session', content))}"


def unseal(cookie: str, secret_of: Mapping[str, bytes], now: float) -> Session | None:
    """The session in a cookie; None if the signature is wrong or the session has expired.

    Args:
        cookie: Its value.
        secret_of: Secrets by the ids of their keys.
        now: Epoch seconds.
    """
    encoded, _, signature = cookie.partition(".")
    try:
        content = base64.urlsafe_b64decode(encoded)
        fields = json.loads(content)
        session = Session(**fields | {"role": Role(fields["role"])})
        given = base64.urlsafe_b64decode(signature)
    except (binascii.Error, ValueError, TypeError, KeyError):
        return None
    secret = secret_of.get(session.key_id)
    if secret is None or not hmac.compare_digest(given, _digest(secret, b"session", content)):
        return None
    return session if now < session.expires_at else None


def csrf_token(session: Session, secret: bytes) -> str:
    """The token that a form of this session carries, which another site cannot know."""
    return _text(_digest(secret, b"csrf", session.nonce.encode()))


def _digest(secret: bytes, purpose: bytes, content: bytes) -> bytes:
    return hmac.new(secret, purpose + b"\x00" + content, hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()
