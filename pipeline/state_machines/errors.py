"""Why a request about a state machine, a version, an alias or a tag is rejected, by AWS's names."""

from pipeline.integrations.request_errors import RejectedRequest


class StateMachineAlreadyExists(RejectedRequest):
    """A state machine of this name exists, and is another one."""

    code = "StateMachineAlreadyExists"

    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine Already Exists: '{arn}'")


class StateMachineLimitExceeded(RejectedRequest):
    """An account has as many state machines in a region as it may have."""

    code = "StateMachineLimitExceeded"

    def __init__(self, most: int) -> None:
        super().__init__(f"The maximum number of state machines has been reached: {most}")


class StateMachineDoesNotExist(RejectedRequest):
    """There is no state machine, version or alias with this ARN."""

    code = "StateMachineDoesNotExist"

    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine Does Not Exist: '{arn}'")


class StateMachineDeleting(RejectedRequest):
    """The state machine is deleted as soon as its last execution has ended."""

    code = "StateMachineDeleting"

    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine is being deleted: '{arn}'")


class RevisionIsNotCurrent(RejectedRequest):
    """The revision that is to be published is not the state machine's newest."""

    code = "ConflictException"

    def __init__(self, wanted: str, current: str) -> None:
        super().__init__(
            f"Failed to publish the State Machine version for revision {wanted}. "
            f"The current State Machine revision is {current}."
        )


class VersionIsReferenced(RejectedRequest):
    """Aliases route to the version that is to be deleted."""

    code = "ConflictException"

    def __init__(self, alias_names: list[str]) -> None:
        super().__init__(
            "Version to be deleted must not be referenced by an alias. "
            f"Current list of aliases referencing this version: [{', '.join(alias_names)}]"
        )


class AliasAlreadyExists(RejectedRequest):
    """An alias of this name exists for the state machine, and is another one."""

    code = "ConflictException"

    def __init__(self) -> None:
        super().__init__(
            "Failed to create alias because an alias with the same name and a "
            "different routing configuration already exists."
        )


class InvalidAlias(RejectedRequest):
    """An alias's name or routing cannot be used; the message says why."""

    code = "ValidationException"

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="INVALID_ROUTING_CONFIGURATION")


class ReferenceNotFound(RejectedRequest):
    """An alias that is changed, or a version that an alias is to route to, does not exist."""

    code = "ResourceNotFound"

    def __init__(self) -> None:
        super().__init__("Request references a resource that does not exist.")


class ResourceNotFound(RejectedRequest):
    """There is nothing with this ARN that could have tags."""

    code = "ResourceNotFound"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Resource not found: '{arn}'", resourceName=arn)


class QuotaExceeded(RejectedRequest):
    """A state machine has as many versions or aliases as it may have."""

    code = "ServiceQuotaExceededException"

    def __init__(self, kind: str, most: int) -> None:
        super().__init__(f"The maximum number of {kind} per state machine has been reached: {most}")


class TooManyTags(RejectedRequest):
    """A resource would have more tags than it may."""

    code = "TooManyTags"

    def __init__(self, arn: str, most: int) -> None:
        super().__init__(f"'{arn}' would have more than {most} tags", resourceName=arn)
