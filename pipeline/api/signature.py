"""Verification that the holder of a key signed a request unchanged, within the last minutes.

AWS General Reference: "Signature Version 4". botocore's own signer makes the signature anew.
"""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.requests import Request

from pipeline.api.access_keys import AccessKey
from pipeline.api.authorization_header import REGION, TERMINATOR, Authorization
from pipeline.api.errors import ApiError

_TOLERANCE_MINUTES = 5
"""IAM User Guide, "AWS Signature Version 4 for API requests"."""

_CONTENT_HASH = "x-amz-content-sha256"
_DATE = "x-amz-date"

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)


def check_signature(
    request: Request,
    body: bytes,
    authorization: Authorization,
    key: AccessKey,
    *,
    service: str,
    now: float,
) -> None:
    """Reject a request without a valid signature of its key.

    Args:
        request: The request.
        body: Its body.
        authorization: Its Authorization header.
        key: The key that the header names.
        service: Name of the service in the credential scope: ``states``.
        now: Epoch seconds.

    Raises:
        ApiError: InvalidSignatureException or IncompleteSignatureException.
    """
    timestamp = _timestamp(request)
    _check_scope(authorization, service, timestamp)
    _check_time(timestamp, datetime.fromtimestamp(now, UTC))
    _check_signed_headers(request, authorization.signed_headers)
    content_hash = sha256(body).hexdigest()
    if request.headers.get(_CONTENT_HASH, content_hash) != content_hash:
        raise _invalid(_MISMATCH)
    expected = _expected_signature(request, authorization, key, timestamp, content_hash)
    if not hmac.compare_digest(expected.encode(), authorization.signature.encode()):
        raise _invalid(_MISMATCH)


def _timestamp(request: Request) -> str:
    """The claimed signing time, in ISO 8601's basic format if it is a valid date."""
    if (timestamp := request.headers.get(_DATE)) is not None:
        return timestamp
    if (date := request.headers.get("date")) is None:
        raise ApiError(
            "IncompleteSignatureException",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    try:
        return f"{parsedate_to_datetime(date).astimezone(UTC):{SIGV4_TIMESTAMP}}"
    except (ValueError, OverflowError):
        return date


def _check_scope(authorization: Authorization, service: str, timestamp: str) -> None:
    if authorization.service != service:
        raise _invalid(f"Credential should be scoped to correct service: '{service}'. ")
    if not REGION.fullmatch(authorization.region):
        raise _invalid(
            f"Credential should be scoped to a valid region, not '{authorization.region}'. "
        )
    if authorization.terminator != TERMINATOR:
        raise _invalid(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', "
            f"not '{authorization.terminator}'. "
        )
    if authorization.date != timestamp[:8]:
        raise _invalid(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            f"HTTP: '{authorization.date}' != '{timestamp[:8]}', from '{timestamp}'."
        )


def _check_time(timestamp: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(timestamp, SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise ApiError(
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format'. Got "
            f"'{timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601",
        ) from error
    tolerance = timedelta(minutes=_TOLERANCE_MINUTES)
    earliest, latest = now - tolerance, now + tolerance
    if signed_at < earliest:
        raise _invalid(
            f"Signature expired: {timestamp} is now earlier than "
            f"{earliest:{SIGV4_TIMESTAMP}} ({now:{SIGV4_TIMESTAMP}} - {_TOLERANCE_MINUTES} min.)"
        )
    if signed_at > latest:
        raise _invalid(
            f"Signature not yet current: {timestamp} is still later than "
            f"{latest:{SIGV4_TIMESTAMP}} ({now:{SIGV4_TIMESTAMP}} + {_TOLERANCE_MINUTES} min.)"
        )


def _check_signed_headers(request: Request, signed: tuple[str, ...]) -> None:
    if "host" not in signed:
        raise _invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    unsigned = sorted(
        {name for name in request.headers if name.startswith("x-amz-") and name not in signed}
    )
    if unsigned:
        raise _invalid(
            f"There were headers present in the request which were not signed: {unsigned[0]}"
        )


def _expected_signature(
    request: Request,
    authorization: Authorization,
    key: AccessKey,
    timestamp: str,
    content_hash: str,
) -> str:
    signer = _Signer(
        Credentials(key.access_key_id, key.secret_access_key),
        authorization.service,
        authorization.region,
    )
    signed = AWSRequest(method=request.method, url=_url(request))
    for name, value in _headers(request, authorization.signed_headers):
        signed.headers.add_header(name, value)
    signed.context |= {"timestamp": timestamp, "content_hash": content_hash}
    canonical = signer.canonical_request(signed)
    signature: str = signer.signature(signer.string_to_sign(signed, canonical), signed)
    return signature


def _url(request: Request) -> str:
    """The part of the URL that a signature covers, as the client sent it."""
    path = request.scope.get("raw_path", b"/").decode("latin-1").replace("#", "%23")
    query = request.scope["query_string"].decode("latin-1")
    return f"http://endpoint{path}?{query}" if query else f"http://endpoint{path}"


def _headers(request: Request, signed: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in signed:
        for value in request.headers.getlist(name):
            yield name, value


class _Signer(SigV4Auth):  # type: ignore[misc]  # botocore ships no types
    """botocore's signer, with the headers that the client chose, and a hash that is known."""

    def headers_to_sign(self, request: Any) -> Any:
        return request.headers

    def payload(self, request: Any) -> Any:
        return request.context["content_hash"]


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidSignatureException", message)
