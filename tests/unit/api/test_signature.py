"""Signature Version 4: requests that botocore has signed, and what may be done to them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.requests import Request

from pipeline.api.access_keys import AccessKey
from pipeline.api.authentication import AnySignature, Identity, VerifiedSignatures
from pipeline.api.errors import ApiError

KEY = AccessKey(access_key_id="SBAKEXAMPLE", secret_access_key="secret", account_id="111122223333")
TARGET = "AWSStepFunctions.ListStateMachines"
MISMATCH = "The request signature we calculated does not match the signature you provided."


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A signed request on its way."""

    body: bytes = b"{}"
    path: str = "/"
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)

    def changed(self, **headers: str) -> "Sent":
        """The same with other headers."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers=self.headers | given)

    def without(self, name: str) -> "Sent":
        """The same without a header."""
        return replace(self, headers={k: v for k, v in self.headers.items() if k != name})

    def request(self) -> Request:
        """As the server gets it."""
        parts = urlsplit(self.path)
        return Request(
            {
                "type": "http",
                "method": self.method,
                "path": parts.path,
                "raw_path": parts.path.encode(),
                "query_string": parts.query.encode(),
                "headers": [(k.encode(), v.encode("latin-1")) for k, v in self.headers.items()],
            }
        )


def signed(
    *,
    body: bytes = b"{}",
    path: str = "/",
    secret: str = KEY.secret_access_key,
    key_id: str = KEY.access_key_id,
    token: str | None = None,
    service: str = "states",
    region: str = "eu-west-1",
    headers: dict[str, str] | None = None,
) -> Sent:
    """A request as boto3 sends it."""
    request = AWSRequest(
        method="POST",
        url=f"http://localhost:8083{path}",
        data=body,
        headers={
            "Host": "localhost:8083",
            "X-Amz-Target": TARGET,
            "Content-Type": "application/x-amz-json-1.0",
            "User-Agent": "Boto3",
        }
        | (headers or {}),
    )
    SigV4Auth(Credentials(key_id, secret, token), service, region).add_auth(request)
    return Sent(body=body, path=path, headers={k.lower(): v for k, v in request.headers.items()})


def identity(sent: Sent, *, service: str = "states", later: float = 0) -> Identity:
    now = datetime.now(UTC).timestamp() + later
    verify = VerifiedSignatures({KEY.access_key_id: KEY}, clock=lambda: now)
    return asyncio.run(verify(sent.request(), sent.body, service))


def refused(sent: Sent, *, service: str = "states", later: float = 0) -> ApiError:
    with pytest.raises(ApiError) as caught:
        identity(sent, service=service, later=later)
    return caught.value


def test_a_signed_request_is_its_keys_accounts() -> None:
    assert identity(signed()) == Identity(account_id="111122223333", region="eu-west-1")


@pytest.mark.parametrize(
    "path",
    [
        "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af/code",
        "/2015-03-31/functions/?MaxItems=10&Marker=a%2Fb%20c&FunctionVersion=ALL",
        "/a//b/?x",
    ],
)
def test_paths_and_queries_are_signed_as_they_come_over_the_wire(path: str) -> None:
    assert identity(signed(path=path, service="lambda"), service="lambda")


def test_a_stated_content_hash_must_be_the_bodys() -> None:
    right = sha256(b"{}").hexdigest()
    assert identity(signed(headers={"X-Amz-Content-SHA256": right}))
    other = sha256(b"other").hexdigest()
    assert MISMATCH in refused(signed(headers={"X-Amz-Content-SHA256": other})).message
    unsigned = signed(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    assert MISMATCH in refused(unsigned).message


def test_blanks_around_and_within_header_values_do_not_matter() -> None:
    sent = signed(headers={"X-Amz-Note": "a b"})
    assert identity(sent.changed(x_amz_note="  a   b "))


def test_headers_that_are_not_signed_may_change_on_the_way() -> None:
    assert identity(signed().changed(user_agent="proxy", via="proxy", x_amzn_trace_id="Root=1"))


ALTERED: dict[str, Callable[[Sent], Sent]] = {
    "body": lambda sent: replace(sent, body=b'{"maxResults": 1}'),
    "target": lambda sent: sent.changed(x_amz_target="AWSStepFunctions.ListActivities"),
    "host": lambda sent: sent.changed(host="elsewhere"),
    "path": lambda sent: replace(sent, path="/other"),
    "fragment": lambda sent: replace(sent, path="/%23"),
    "query": lambda sent: replace(sent, path="/?a=1"),
    "method": lambda sent: replace(sent, method="PUT"),
    "signed header gone": lambda sent: sent.without("content-type"),
    "region": lambda sent: sent.changed(
        authorization=sent.headers["authorization"].replace("eu-west-1", "eu-west-2")
    ),
    "last digit": lambda sent: sent.changed(
        authorization=sent.headers["authorization"][:-1]
        + ("0" if sent.headers["authorization"][-1] != "0" else "1")
    ),
    "signature in other characters": lambda sent: sent.changed(
        authorization=sent.headers["authorization"] + "é"
    ),
}


@pytest.mark.parametrize("alteration", ALTERED.values(), ids=ALTERED)
def test_a_request_that_was_altered_is_refused(alteration: Callable[[Sent], Sent]) -> None:
    error = refused(alteration(signed()))
    assert error.code == "InvalidSignatureException"
    assert error.message.startswith(MISMATCH)
    assert error.status == 400


def test_another_secret_is_refused() -> None:
    assert refused(signed(secret="guess")).message.startswith(MISMATCH)


def test_an_unknown_key_is_refused() -> None:
    error = refused(signed(key_id="SBAKUNKNOWN"))
    assert error.code == "UnrecognizedClientException"
    assert error.message == "The security token included in the request is invalid."


def test_a_session_token_is_refused_for_no_key_comes_with_one() -> None:
    assert refused(signed(token="session")).code == "UnrecognizedClientException"


def test_a_signature_is_good_for_five_minutes() -> None:
    sent = signed()
    assert identity(sent, later=290)
    expired = refused(sent, later=310)
    assert expired.code == "InvalidSignatureException"
    assert expired.message.startswith("Signature expired: ")
    assert expired.message.endswith(" - 5 min.)")
    assert identity(sent, later=-280)
    early = refused(sent, later=-310)
    assert early.message.startswith("Signature not yet current: ")
    assert early.message.endswith(" + 5 min.)")


def test_a_date_header_stands_for_amazons_own() -> None:
    sent = signed(headers={"Date": "to be set by the signer"})
    assert "x-amz-date" not in sent.headers
    assert identity(sent)
    assert refused(sent, later=310).message.startswith("Signature expired: ")
    assert refused(sent.changed(date="Sat, 01 Jan 2000 00:00:00 GMT")).status == 400


def test_the_scopes_date_is_the_requests() -> None:
    sent = signed()
    date = sent.headers["x-amz-date"][:8]
    other = sent.headers["authorization"].replace(f"/{date}/", "/20150830/")
    message = refused(sent.changed(authorization=other)).message
    assert f"'20150830' != '{date}'" in message


def test_the_scope_names_the_service() -> None:
    error = refused(signed(service="lambda"))
    assert error.message == "Credential should be scoped to correct service: 'states'. "


@pytest.mark.parametrize("region", ["us:east", "US-EAST-1", "us east", "a" * 33])
def test_the_scope_names_what_can_be_a_region(region: str) -> None:
    error = refused(signed(region=region))
    assert error.code == "InvalidSignatureException"
    assert error.message == f"Credential should be scoped to a valid region, not '{region}'. "


def test_the_scope_ends_as_version_4_has_it() -> None:
    sent = signed()
    other = sent.headers["authorization"].replace("aws4_request", "aws5_request")
    assert "valid terminator" in refused(sent.changed(authorization=other)).message


def test_the_host_must_be_signed() -> None:
    sent = signed()
    unsigned = sent.headers["authorization"].replace(";host;", ";")
    assert "'Host'" in refused(sent.changed(authorization=unsigned)).message


def test_every_header_of_amazons_must_be_signed() -> None:
    error = refused(signed().changed(x_amz_expires="1"))
    assert error.message.endswith("which were not signed: x-amz-expires")


def test_a_request_without_a_signature_is_told_so() -> None:
    error = refused(signed().without("authorization"))
    assert (error.code, error.message, error.status) == (
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
        400,
    )


def test_a_signature_in_the_query_string_is_not_taken() -> None:
    sent = replace(signed().without("authorization"), path="/?X-Amz-Signature=00")
    assert refused(sent).code == "IncompleteSignatureException"


SCOPE = "SBAKEXAMPLE/20250101/us-east-1/states/aws4_request"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Bearer abc", "Unsupported AWS 'algorithm': 'Bearer'."),
        (
            "AWS4-HMAC-SHA256 Credential",
            "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header.",
        ),
        (
            f"AWS4-HMAC-SHA256 Credential={SCOPE}",
            "Authorization header requires 'Signature' parameter. "
            "Authorization header requires 'SignedHeaders' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=SBAK/20250101, SignedHeaders=host, Signature=00",
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term.",
        ),
    ],
)
def test_an_incomplete_signature_is_told_what_is_missing(header: str, message: str) -> None:
    error = refused(signed().changed(authorization=header))
    assert (error.code, error.message) == ("IncompleteSignatureException", message)


@pytest.mark.parametrize("header", ["x_amz_date", "date"])
@pytest.mark.parametrize(
    "date", ["yesterday", "20251301T000000Z", "Fri, 31 Dec 9999 23:59:59 -2359"]
)
def test_a_date_must_be_one(date: str, header: str) -> None:
    sent = signed()
    scope = sent.headers["authorization"].replace(sent.headers["x-amz-date"][:8], date[:8])
    dated = sent.without("x-amz-date").changed(**{header: date}, authorization=scope)
    assert refused(dated).code == "IncompleteSignatureException"
    assert refused(signed().without("x-amz-date")).code == "IncompleteSignatureException"


DEFAULT = Identity(account_id="000000000000", region="us-east-1")


def believed(sent: Sent) -> Identity:
    return asyncio.run(AnySignature(DEFAULT)(sent.request(), sent.body, "states"))


def test_insecurely_a_key_of_twelve_digits_names_the_account() -> None:
    sent = signed(key_id="444455556666", secret="any")
    assert believed(sent) == Identity(account_id="444455556666", region="eu-west-1")


@pytest.mark.parametrize("key_id", ["test", "12345", "٣٣٣٣٣٣٣٣٣٣٣٣", "a11122223333"])
def test_insecurely_any_other_key_is_the_default_accounts(key_id: str) -> None:
    scope = f"{key_id}/20250101/eu-west-1/states/aws4_request".encode().decode("latin-1")
    header = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    assert believed(signed().changed(authorization=header)).account_id == DEFAULT.account_id


def test_insecurely_what_can_be_no_region_is_the_default_one() -> None:
    assert believed(signed(key_id="444455556666", region="us:east")).region == DEFAULT.region


def test_insecurely_no_signature_is_needed() -> None:
    assert believed(signed().without("authorization")) == DEFAULT
