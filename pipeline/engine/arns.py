"""Parsing and checking of the ARNs that clients send.

API reference, "Qualified ARNs"; Service Authorization Reference, "Resource types defined by AWS
Step Functions".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.engine.names import NAME_CHARACTER
from pipeline.integrations.request_errors import RejectedRequest

_ARN = re.compile(
    r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>\d{12}):"
    r"(?P<type>[A-Za-z]+):(?P<rest>.+)",
    re.DOTALL,
)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[!-~]+")
_NAME = f"{NAME_CHARACTER}{{1,80}}"
# A Map state without a label is identified by its name, which may contain colons and slashes.
_LABEL = r"(?P<label>[^\x00-\x1f]{1,80})"
_ALIAS = r"(?=.*[A-Za-z_\-.])[A-Za-z0-9_\-.]{1,80}"

_MACHINE = re.compile(
    f"(?P<machine>{_NAME})(?:/{_LABEL}|:(?P<qualifier>[1-9][0-9]{{0,9}}|{_ALIAS}))?"
)
_EXECUTION = re.compile(f"(?P<machine>{_NAME})(?:/{_LABEL})?:(?P<name>{_NAME})")
_EXPRESS = re.compile(f"(?P<machine>{_NAME}):(?P<name>{_NAME}):(?P<id>{_NAME})")
_MAP_RUN = re.compile(f"(?P<machine>{_NAME})/{_LABEL}:(?P<name>{_NAME})")
_ACTIVITY = re.compile(_NAME)


class InvalidArn(RejectedRequest):
    """A client sent a text that is not an ARN of the kind the action takes."""

    code = "InvalidArn"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Invalid Arn: '{reason}'")


class LabelNotSupported(RejectedRequest):
    """A client sent the ARN of a distributed Map state to an action that does not take one."""

    code = "ValidationException"

    def __init__(self) -> None:
        super().__init__(
            "This operation does not support labeled ARNs",
            reason="API_DOES_NOT_SUPPORT_LABELED_ARNS",
        )


class AccountDenied(RejectedRequest):
    """A client sent the ARN of another account's resource."""

    code = "AccessDeniedException"

    def __init__(self, account_id: str) -> None:
        super().__init__(
            f"User: arn:aws:iam::{account_id}:root is not authorized to access this resource"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachineArn:
    """ARN of a state machine, of a version or alias of it, or of a distributed Map state in it.

    Attributes:
        text: As it was given.
        machine_arn: Without the qualifier and the label.
        name: Name of the state machine.
        label: Label of the Map state, or None.
        qualifier: A version's number or an alias's name, or None.
    """

    text: str
    machine_arn: str
    name: str
    label: str | None
    qualifier: str | None

    @property
    def is_version(self) -> bool:
        """Whether it names a published version."""
        return self.qualifier is not None and self.qualifier.isdigit()

    @property
    def is_alias(self) -> bool:
        """Whether it names an alias."""
        return self.qualifier is not None and not self.qualifier.isdigit()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionArn:
    """ARN of an execution.

    Attributes:
        text: As it was given.
        machine_arn: ARN of its state machine.
        name: Name of the execution.
        label: Label of the distributed Map state of a child execution, or None.
        is_express: Whether it is one of an EXPRESS state machine.
    """

    text: str
    machine_arn: str
    name: str
    label: str | None
    is_express: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRunArn:
    """ARN of a Map Run: of the Map state with this label, in an execution of the machine."""

    text: str
    machine_arn: str
    label: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityArn:
    """ARN of an activity."""

    text: str
    name: str


def read_state_machine_arn(
    account_id: str, text: str, *, qualified: bool = True, labelled: bool = False
) -> StateMachineArn:
    """Parse the ARN of a state machine, a version, an alias or a distributed Map state.

    Args:
        account_id: The account that must own it.
        text: The ARN.
        qualified: Whether the action also takes the ARN of a version or an alias.
        labelled: Whether the action also takes the ARN of a distributed Map state.

    Raises:
        InvalidArn: The action does not take this text.
        LabelNotSupported: It names a distributed Map state.
        AccountDenied: Another account owns it.
    """
    found = _match(account_id, text, {"stateMachine": _MACHINE})
    if found["label"] is not None and not labelled:
        raise LabelNotSupported
    if found["qualifier"] is not None and not qualified:
        raise InvalidArn(f"Qualified ARN not valid in this context: {text}")
    return StateMachineArn(
        text=text,
        machine_arn=_prefix(text, "stateMachine") + found["machine"],
        name=found["machine"],
        label=found["label"],
        qualifier=found["qualifier"],
    )


def read_execution_arn(account_id: str, text: str, *, express: bool = True) -> ExecutionArn:
    """Parse the ARN of an execution.

    Args:
        account_id: The account that must own it.
        text: The ARN.
        express: Whether the action also takes an execution of an EXPRESS state machine.

    Raises:
        InvalidArn: The action does not take this text.
        AccountDenied: Another account owns it.
    """
    patterns = {"execution": _EXECUTION} | ({"express": _EXPRESS} if express else {})
    found = _match(account_id, text, patterns).groupdict()
    return ExecutionArn(
        text=text,
        machine_arn=_prefix(text, "stateMachine") + found["machine"],
        name=found["name"],
        label=found.get("label"),
        is_express="id" in found,
    )


def read_map_run_arn(account_id: str, text: str) -> MapRunArn:
    """Parse the ARN of a Map Run.

    Raises:
        InvalidArn: The action does not take this text.
        AccountDenied: Another account owns it.
    """
    found = _match(account_id, text, {"mapRun": _MAP_RUN})
    return MapRunArn(
        text=text,
        machine_arn=_prefix(text, "stateMachine") + found["machine"],
        label=found["label"],
        name=found["name"],
    )


def read_activity_arn(account_id: str, text: str) -> ActivityArn:
    """Parse the ARN of an activity.

    Raises:
        InvalidArn: The action does not take this text.
        AccountDenied: Another account owns it.
    """
    return ActivityArn(text=text, name=_match(account_id, text, {"activity": _ACTIVITY})[0])


def resource_type(account_id: str, text: str) -> str:
    """The type of the resource that an ARN of Step Functions names: ``stateMachine``.

    Raises:
        InvalidArn: The action does not take this text.
        AccountDenied: Another account owns it.
    """
    return _split(account_id, text)["type"]


def check_role_arn(text: str) -> None:
    """Check that a text is the ARN of an IAM role.

    Raises:
        InvalidArn: It is not.
    """
    if not _ROLE.fullmatch(text):
        raise InvalidArn(
            f"Invalid Role Arn: {text}" if text.startswith("arn:") else _no_prefix(text)
        )


def _match(account_id: str, text: str, patterns: Mapping[str, re.Pattern[str]]) -> re.Match[str]:
    """Match the part behind the type with the pattern of that type."""
    parts = _split(account_id, text)
    if parts["type"] not in patterns:
        raise InvalidArn(f"Resource type not valid in this context: {parts['type'].lower()}")
    found = patterns[parts["type"]].fullmatch(parts["rest"])
    if found is None:
        raise InvalidArn(f"Invalid ARN: {text}")
    return found


def _split(account_id: str, text: str) -> re.Match[str]:
    if not text.startswith("arn:"):
        raise InvalidArn(_no_prefix(text))
    parts = _ARN.fullmatch(text)
    if parts is None or not parts["region"]:
        raise InvalidArn(f"Invalid ARN: {text}")
    if parts["service"] != "states":
        raise InvalidArn(f"Service not valid in this context: {parts['service']}")
    if parts["account"] != account_id:
        raise AccountDenied(account_id)
    return parts


def _prefix(text: str, resource_type: str) -> str:
    """An ARN up to its account, followed by another type."""
    return ":".join([*text.split(":")[:5], resource_type, ""])


def _no_prefix(text: str) -> str:
    return f"Invalid ARN prefix: {text}"
