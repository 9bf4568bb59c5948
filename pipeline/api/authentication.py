"""Authentication of callers: by Signature Version 4, or for tests by their own claim."""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from starlette.requests import Request

from pipeline.api.access_keys import AccessKey, AccessKeys, Role, is_account_id
from pipeline.api.authorization_header import REGION, Authorization, parse_authorization
from pipeline.api.errors import ApiError
from pipeline.api.signature import check_signature

_TOKEN = "x-amz-security-token"  # noqa: S105 - the name of a header


_LOOKS = re.compile(r"Describe|List|Validate|GetExecutionHistory")
"""Names of the actions that change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The owner of the resources that a request concerns.

    Attributes:
        account_id: Twelve digits.
        region: The region that the request was signed for.
    """

    account_id: str
    region: str


Authenticate: TypeAlias = Callable[[Request, bytes, str], Awaitable[Identity]]
"""Identifies the sender of a request, given its body and the name of the service in the credential
scope (``states``, ``lambda``); raises ApiError for a request that it rejects."""


class VerifiedSignatures:
    """Accepts requests with a valid signature of a known key."""

    def __init__(self, keys: AccessKeys, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._clock = clock

    async def __call__(self, request: Request, body: bytes, service: str) -> Identity:
        """Verify the signature and return the key's owner."""
        authorization = _authorization(request)
        key = self._keys.get(authorization.access_key_id)
        # The file has long-term keys only, and those have no session token.
        if key is None or _TOKEN in request.headers:
            raise ApiError(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        check_signature(request, body, authorization, key, service=service, now=self._clock())
        _check_role(request, key)
        return Identity(account_id=key.account_id, region=authorization.region)


def _check_role(request: Request, key: AccessKey) -> None:
    """Reject an action that changes something, if the key may only look."""
    action = request.headers.get("x-amz-target", "").rpartition(".")[2]
    looks = _LOOKS.match(action) is not None if action else request.method == "GET"
    if key.role is Role.READ_ONLY and not looks:
        raise ApiError(
            "AccessDeniedException",
            f"The access key {key.access_key_id} is read-only and may not do this",
        )


class AnySignature:
    """Accepts every request: for tests.

    An access key id of twelve digits names the account, as with LocalStack and moto.
    """

    def __init__(self, default: Identity) -> None:
        self._default = default

    async def __call__(self, request: Request, body: bytes, service: str) -> Identity:
        """Return the identity that the sender claims."""
        try:
            authorization = _authorization(request)
        except ApiError:
            return self._default
        named, region = authorization.access_key_id, authorization.region
        return Identity(
            account_id=named if is_account_id(named) else self._default.account_id,
            region=region if REGION.fullmatch(region) else self._default.region,
        )


def _authorization(request: Request) -> Authorization:
    header = request.headers.get("authorization")
    if header:
        return parse_authorization(header)
    if "X-Amz-Signature" in request.query_params:
        raise ApiError(
            "IncompleteSignatureException",
            "Signatures in the query string are not taken: sign in the Authorization header.",
        )
    raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")
