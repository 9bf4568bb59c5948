"""Which function a request is about: FunctionName, and the Qualifier beside it or in it."""

from dataclasses import dataclass

from pipeline.api.call import Call
from pipeline.api.errors import ApiError
from pipeline.integrations.functions.function_reference import LATEST, parse_function_reference
from pipeline.integrations.functions.stored_functions import function_arn

_MAX_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFunction:
    """A function of the caller's account and region, which need not exist.

    Attributes:
        name: Its bare name.
        arn: Without a qualifier.
        qualifier: What was asked for, or None.
    """

    name: str
    arn: str
    qualifier: str | None

    @property
    def version(self) -> str:
        """The version that is asked for."""
        return self.qualifier or LATEST

    @property
    def qualified_arn(self) -> str:
        """With the qualifier, if one was asked for."""
        return self.arn if self.qualifier is None else f"{self.arn}:{self.qualifier}"


def read_function_name(call: Call) -> NamedFunction:
    """The function that a call names.

    Raises:
        ApiError: The name cannot be one, or is another account's or region's.
    """
    text = call.input["FunctionName"]
    reference = parse_function_reference(text)
    if reference is None:
        raise ApiError("InvalidParameterValueException", f"Invalid function name: {text}")
    if len(reference.name) > _MAX_NAME:
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value '{reference.name}' at 'functionName' failed to "
            f"satisfy constraint: Member must have length less than or equal to {_MAX_NAME}",
        )
    arn = function_arn(reference.name, call.account_id, call.region)
    if reference.account_id not in {None, call.account_id}:
        raise ApiError(
            "AccessDeniedException",
            f"User: arn:aws:iam::{call.account_id}:root is not authorized to access this "
            f"resource: {text}",
        )
    if reference.region not in {None, call.region}:
        raise ApiError(
            "ResourceNotFoundException",
            f"Functions from '{reference.region}' are not reachable in this region "
            f"('{call.region}')",
        )
    return NamedFunction(
        name=reference.name, arn=arn, qualifier=_qualifier(call, reference.qualifier)
    )


def _qualifier(call: Call, in_name: str | None) -> str | None:
    beside: str | None = call.input.get("Qualifier")
    if None not in {in_name, beside} and in_name != beside:
        raise ApiError(
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        )
    return in_name or beside
