"""Task tokens: unguessable, and each names its frame.

The frame holds the token for as long as an answer may come, so a token ends with its Task state and
needs no table of its own.
"""

import base64
import binascii
import secrets

from pipeline.integrations.request_errors import RejectedRequest

_SECRET_BYTES = 32


class InvalidToken(RejectedRequest):
    """The text is not a task token of this engine."""

    code = "InvalidToken"

    def __init__(self) -> None:
        super().__init__("Invalid Token: 'Invalid token'")


def make_token(frame_id: str) -> str:
    """A fresh token for a frame."""
    secret = base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).decode().rstrip("=")
    return base64.urlsafe_b64encode(f"{frame_id}:{secret}".encode()).decode().rstrip("=")


def frame_id_of(token: str) -> str:
    """The frame a token belongs to.

    Raises:
        InvalidToken: The text cannot be a token.
    """
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidToken from error
    frame_id, separator, secret = text.rpartition(":")
    # PostgreSQL can neither store nor look up a text that contains U+0000.
    if not (frame_id and separator and secret) or "\x00" in frame_id:
        raise InvalidToken
    return frame_id
