"""The ARNs that clients name things by, taken apart and checked.

API reference, "Qualified ARNs"; Service Authorization Reference, "Resource types defined by AWS
Step Functions".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from pipeline.api.call import Call
from pipeline.api.errors import ApiError
from pipeline.api.names import NAME_CHARACTER

_ARN = re.compile(
    r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>\d{12}):"
    r"(?P<type>[A-Za-z]+):(?P<rest>.+)",
    re.DOTALL,
)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[!-~]+")
_NAME = f"{NAME_CHARACTER}{{1,80}}"
# A Map state without a label is named by itself, and its name may have colons and slashes in it.
_LABEL = r"(?P<label>[^\x00-\x1f]{1,80})"
_ALIAS = r"(?=.*[A-Za-z_\-.])[A-Za-z0-9_\-.]{1,80}"

_MACHINE = re.compile(
    f"(?P<machine>{_NAME})(?:/{_LABEL}|:(?P<qualifier>[1-9][0-9]{{0,9}}|{_ALIAS}))?"
)
_EXECUTION = re.compile(f"(?P<machine>{_NAME})(?:/{_LABEL})?:(?P<name>{_NAME})")
_EXPRESS = re.compile(f"(?P<machine>{_NAME}):(?P<name>{_NAME}):(?P<id>{_NAME})")
_MAP_RUN = re.compile(f"(?P<machine>{_NAME})/{_LABEL}:(?P<name>{_NAME})")
_ACTIVITY = re.compile(_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachineArn:
    """ARN of a state machine, of a version or alias of it, or of a distributed Map state in it.

    Attributes:
        text: As it was given.
        machine_arn: Without the qualifier and the label.
        name: Of the state machine.
        label: Of the Map state, or None.
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
        name: Of the execution.
        label: Of the distributed Map state whose child execution it is, or None.
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
    call: Call, text: str, *, qualified: bool = True, labelled: bool = False
) -> StateMachineArn:
    """Take apart what may be any ARN of a state machine.

    Args:
        call: Whose account must own it.
        text: The ARN.
        qualified: Whether the action takes the ARN of a version or an alias, too.
        labelled: Whether the action takes the ARN of a distributed Map state, too.

    Raises:
        ApiError: InvalidArn; ValidationException for a label; AccessDeniedException.
    """
    found = _match(call, text, {"stateMachine": _MACHINE})
    if found["label"] is not None and not labelled:
        raise ApiError(
            "ValidationException",
            "This operation does not support labeled ARNs",
            reason="API_DOES_NOT_SUPPORT_LABELED_ARNS",
        )
    if found["qualifier"] is not None and not qualified:
        _refuse(f"Qualified ARN not valid in this context: {text}")
    return StateMachineArn(
        text=text,
        machine_arn=_prefix(text, "stateMachine") + found["machine"],
        name=found["machine"],
        label=found["label"],
        qualifier=found["qualifier"],
    )


def read_execution_arn(call: Call, text: str, *, express: bool = True) -> ExecutionArn:
    """Take apart the ARN of an execution.

    Args:
        call: Whose account must own it.
        text: The ARN.
        express: Whether the action takes an execution of an EXPRESS state machine, too.

    Raises:
        ApiError: InvalidArn or AccessDeniedException.
    """
    patterns = {"execution": _EXECUTION} | ({"express": _EXPRESS} if express else {})
    found = _match(call, text, patterns).groupdict()
    return ExecutionArn(
        text=text,
        machine_arn=_prefix(text, "stateMachine") + found["machine"],
        name=found["name"],
        label=found.get("label"),
        is_express="id" in found,
    )


def read_map_run_arn(call: Call, text: str) -> MapRunArn:
    """Take apart the ARN of a Map Run.

    Raises:
        ApiError: InvalidArn or AccessDeniedException.
    """
    found = _match(call, text, {"mapRun": _MAP_RUN})
    return MapRunArn(
        text=text,
        machine_arn=_prefix(text, "stateMachine") + found["machine"],
        label=found["label"],
        name=found["name"],
    )


def read_activity_arn(call: Call, text: str) -> ActivityArn:
    """Take apart the ARN of an activity.

    Raises:
        ApiError: InvalidArn or AccessDeniedException.
    """
    return ActivityArn(text=text, name=_match(call, text, {"activity": _ACTIVITY})[0])


def resource_type(call: Call, text: str) -> str:
    """The type of the resource that an ARN of Step Functions names: ``stateMachine``.

    Raises:
        ApiError: InvalidArn or AccessDeniedException.
    """
    return _split(call, text)["type"]


def check_role_arn(text: str) -> None:
    """Refuse what is not the ARN of an IAM role.

    Raises:
        ApiError: InvalidArn.
    """
    if not _ROLE.fullmatch(text):
        _refuse(f"Invalid Role Arn: {text}" if text.startswith("arn:") else _no_prefix(text))


def _match(call: Call, text: str, patterns: Mapping[str, re.Pattern[str]]) -> re.Match[str]:
    """The parts of what follows the type, by the pattern of each type that is taken."""
    parts = _split(call, text)
    if parts["type"] not in patterns:
        _refuse(f"Resource type not valid in this context: {parts['type'].lower()}")
    found = patterns[parts["type"]].fullmatch(parts["rest"])
    if found is None:
        _refuse(f"Invalid ARN: {text}")
    return found


def _split(call: Call, text: str) -> re.Match[str]:
    if not text.startswith("arn:"):
        _refuse(_no_prefix(text))
    parts = _ARN.fullmatch(text)
    if parts is None or not parts["region"]:
        _refuse(f"Invalid ARN: {text}")
    if parts["service"] != "states":
        _refuse(f"Service not valid in this context: {parts['service']}")
    if parts["account"] != call.account_id:
        raise ApiError(
            "AccessDeniedException",
            f"User: arn:aws:iam::{call.account_id}:root is not authorized to access this resource",
        )
    return parts


def _prefix(text: str, resource_type: str) -> str:
    """An ARN's sections up to the account, with another type behind them."""
    return ":".join([*text.split(":")[:5], resource_type, ""])


def _no_prefix(text: str) -> str:
    return f"Invalid ARN prefix: {text}"


def _refuse(reason: str) -> NoReturn:
    raise ApiError("InvalidArn", f"Invalid Arn: '{reason}'")
