"""Function references: the spellings that Lambda's FunctionName allows.

AWS Lambda API Reference, "Invoke", FunctionName: a name, ``name:qualifier``, a partial ARN
``123456789012:function:name`` or a full ARN, each with or without a qualifier.
"""

import re
from dataclasses import dataclass

_REFERENCE = re.compile(
    r"(?:(?P<full>arn:(?:aws|aws-cn|aws-us-gov):lambda:(?P<region>[a-z0-9-]*):(?P<account>\d*)"
    r":function:)|(?:(?P<partial>\d{12}):)?(?:function:)?)"
    r"(?P<name>[a-zA-Z0-9_-]+)(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9_-]+))?"
)
LATEST = "$LATEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionReference:
    """A parsed reference.

    Attributes:
        name: The function's bare name.
        qualifier: Version or alias, or None.
        region: Region of a full ARN, or None.
        account_id: Account of a partial or full ARN, or None.
        unqualified: The reference as written, without its qualifier.
    """

    name: str
    qualifier: str | None
    region: str | None
    account_id: str | None
    unqualified: str


def parse_function_reference(text: str) -> FunctionReference | None:
    """Parse a reference; None if Lambda allows no such spelling."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return None
    qualifier = match["qualifier"]
    return FunctionReference(
        name=match["name"],
        qualifier=qualifier,
        region=match["region"] or None,
        account_id=match["account"] or match["partial"] or None,
        unqualified=text if qualifier is None else text[: -len(qualifier) - 1],
    )
