"""The configuration of a function: what a request may set, and its rules beyond the model's.

AWS Lambda API Reference, "CreateFunction" and "UpdateFunctionConfiguration".
"""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from pipeline.api.errors import ApiError
from pipeline.integrations.functions.function import MAX_CALL_SECONDS
from pipeline.integrations.functions.lambda_environment import CREDENTIALS, RESERVED
from pipeline.language.json_value import dump_bytes

_DEFAULTS: Mapping[str, Any] = {
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "Environment": {},
    "Architectures": ["x86_64"],
}
_TAKEN = frozenset({"Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize"})
_KEPT = frozenset(
    {
        "Architectures",
        "DeadLetterConfig",
        "EphemeralStorage",
        "KMSKeyArn",
        "LoggingConfig",
        "TracingConfig",
        "VpcConfig",
    }
)
"""Returned by later requests, but without effect here."""

_REJECTED = frozenset({"Layers", "FileSystemConfigs", "ImageConfig"})
"""A function that depends on them could not work here, so they are rejected."""

_RUNTIME = re.compile(r"python3\.\d+")
_ENVIRONMENT_BYTES = 4096


def new_configuration(members: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration of a new function.

    Args:
        members: The request's.

    Raises:
        ApiError: InvalidParameterValueException or ValidationException.
    """
    if members.get("PackageType", "Zip") != "Zip":
        reject_parameter("Only functions of the package type Zip can be created here.")
    if not members.get("Runtime") or not members.get("Handler"):
        reject_parameter(
            "Runtime and Handler are mandatory parameters for functions created with deployment "
            "packages."
        )
    return {**_DEFAULTS, **changed_configuration(members)}


def changed_configuration(members: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a configuration that a request sets.

    Raises:
        ApiError: InvalidParameterValueException or ValidationException.
    """
    for name in _REJECTED & members.keys():
        if members[name]:
            reject_parameter(
                f"{name} cannot be used here: put what the function needs into its zip."
            )
    if not _RUNTIME.fullmatch(members.get("Runtime", "python3.12")):
        reject_parameter(f"The runtime {members['Runtime']} cannot be used here: only python3 can.")
    if members.get("Timeout", 0) > MAX_CALL_SECONDS:
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value '{members['Timeout']}' at 'timeout' failed to "
            f"satisfy constraint: Member must have value less than or equal to 900",
        )
    changed = {name: members[name] for name in (_TAKEN | _KEPT) & members.keys()}
    if "Environment" in members:
        changed["Environment"] = _environment(members["Environment"].get("Variables", {}))
    return changed


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    if reserved := sorted(RESERVED & variables.keys() - CREDENTIALS):
        reject_parameter(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have provided contains reserved keys that are currently not supported "
            f"for modification. Reserved keys used in this request: {', '.join(reserved)}"
        )
    if len(text := dump_bytes(dict(variables))) > _ENVIRONMENT_BYTES:
        reject_parameter(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have provided exceeded the 4KB limit. "
            f"String measured: {text.decode()}"
        )
    return dict(variables)


def reject_parameter(message: str) -> NoReturn:
    """Raise Lambda's InvalidParameterValueException."""
    raise ApiError("InvalidParameterValueException", message)
