"""The Authorization header of Signature Version 4.

AWS General Reference: "Elements of an AWS API request signature".
"""

import re
from dataclasses import dataclass

from pipeline.api.errors import ApiError

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"

REGION = re.compile(r"[a-z0-9-]{1,32}")
"""What can be a region: it becomes a part of ARNs, whose parts are between colons."""

_SCOPE_PARTS = 5
_PARAMETERS = ("Credential", "Signature", "SignedHeaders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What the header says.

    Attributes:
        access_key_id, date, region, service, terminator: The parts of the credential; the date
            as ``YYYYMMDD``.
        signed_headers: Names in lower case.
        signature: Hexadecimal digits.
    """

    access_key_id: str
    date: str
    region: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    signature: str


def parse_authorization(header: str) -> Authorization:
    """Read the header.

    Raises:
        ApiError: IncompleteSignatureException, for what is not of this form.
    """
    algorithm, _, rest = header.strip().partition(" ")
    if algorithm != ALGORITHM:
        raise _incomplete(f"Unsupported AWS 'algorithm': '{algorithm[:64]}'.")
    parameters = dict(_parameter(part) for part in rest.split(",") if part.strip())
    if missing := [name for name in _PARAMETERS if not parameters.get(name)]:
        raise _incomplete(
            " ".join(f"Authorization header requires '{name}' parameter." for name in missing)
        )
    parts = parameters["Credential"].rsplit("/", _SCOPE_PARTS - 1)
    if len(parts) != _SCOPE_PARTS or not all(parts):
        raise _incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term."
        )
    access_key_id, date, region, service, terminator = parts
    return Authorization(
        access_key_id=access_key_id,
        date=date,
        region=region,
        service=service,
        terminator=terminator,
        signed_headers=tuple(parameters["SignedHeaders"].split(";")),
        signature=parameters["Signature"],
    )


def _parameter(part: str) -> tuple[str, str]:
    name, equals, value = part.strip().partition("=")
    if not equals:
        raise _incomplete(
            f"'{name[:64]}' not a valid key=value pair (missing equal-sign) in Authorization "
            "header."
        )
    return name, value


def _incomplete(message: str) -> ApiError:
    return ApiError("IncompleteSignatureException", message)
