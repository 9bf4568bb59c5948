"""Resource ARNs of Task states: what is invoked, and how the state machine waits for it.

Specification: "Task state"; AWS Step Functions Developer Guide, "Integrating services".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.language.errors import InvalidExpression

SERVICE_INTEGRATIONS: Mapping[str, frozenset[str]] = {
    "dynamodb": frozenset({"getItem", "putItem", "updateItem", "deleteItem"}),
    "events": frozenset({"putEvents"}),
}
"""Actions of AWS services that a Task state may call, besides ``lambda:invoke``."""


class Pattern(StrEnum):
    """Service integration patterns, by the suffix of the resource."""

    REQUEST_RESPONSE = ""
    SYNC = ".sync"
    SYNC_2 = ".sync:2"
    WAIT_FOR_TASK_TOKEN = ".waitForTaskToken"  # noqa: S105 - the suffix of an ARN, no password


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A parsed Resource.

    Attributes:
        arn: The text as written.
        service: ``lambda``, ``dynamodb``, ``aws-sdk:s3``, or ``function`` for a bare function ARN,
            ``activity`` for an activity ARN.
        action: ``invoke``, ``getItem``, ...; for a bare function or activity its name, with the
            qualifier where there is one (``name:alias``).
        pattern: How the state waits for the end.
    """

    arn: str
    service: str
    action: str
    pattern: Pattern = Pattern.REQUEST_RESPONSE

    @property
    def is_bare_function(self) -> bool:
        """Whether the resource is a function's own ARN instead of a service integration."""
        return self.service == "function"


_FUNCTION = re.compile(
    r"arn:(?:aws|aws-cn|aws-us-gov):lambda:[a-z0-9-]*:\d*:function:(?P<name>[^:]+(?::[^:]+)?)"
)
_ACTIVITY = re.compile(
    r"arn:(?:aws|aws-cn|aws-us-gov):states:[a-z0-9-]*:\d*:activity:(?P<name>[^:]+)"
)
_INTEGRATION = re.compile(
    r"arn:(?:aws|aws-cn|aws-us-gov):states:[a-z0-9-]*:\d*:"
    r"(?P<service>aws-sdk:[a-zA-Z0-9]+|[a-z0-9-]+):(?P<action>[a-zA-Z0-9]+)"
    r"(?P<pattern>\.sync:2|\.sync|\.waitForTaskToken)?"
)


def parse_resource(arn: str) -> Resource:
    """Parse the text of a Resource field.

    Raises:
        InvalidExpression: It is neither a function's or an activity's ARN nor an integration's.
    """
    if match := _FUNCTION.fullmatch(arn):
        return Resource(arn=arn, service="function", action=match["name"])
    if match := _ACTIVITY.fullmatch(arn):
        return Resource(arn=arn, service="activity", action=match["name"])
    if match := _INTEGRATION.fullmatch(arn):
        return Resource(
            arn=arn,
            service=match["service"],
            action=match["action"],
            pattern=Pattern(match["pattern"] or ""),
        )
    raise InvalidExpression(f"'{arn}' is not the ARN of a function or of a service integration")
