"""The errors of requests about state machines, versions, aliases and tags, by AWS's names."""

from pipeline.integrations.request_errors import RejectedRequest


class StateMachineAlreadyExists(RejectedRequest):
    """A different state machine of this name exists."""

    code = "StateMachineAlreadyExists"

    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine Already Exists: '{arn}'")


class StateMachineLimitExceeded(RejectedRequest):
    """An account has reached the limit of state machines in a region."""

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
    """The revision to publish is not the newest one of the state machine."""

    code = "ConflictException"

    def __init__(self, requested: str, current: str) -> None:
        super().__init__(
            f"Failed to publish the State Machine version for revision {requested}. "
            f"The current State Machine revision is {current}."
        )


class VersionIsReferenced(RejectedRequest):
    """Aliases route to the version to delete."""

    code = "ConflictException"

    def __init__(self, alias_names: list[str]) -> None:
        super().__init__(
            "Version to be deleted must not be referenced by an alias. "
            f"Current list of aliases referencing this version: [{', '.join(alias_names)}]"
        )


class AliasAlreadyExists(RejectedRequest):
    """The state machine has a different alias of this name."""

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
    """The alias to change, or a version that its routing names, does not exist."""

    code = "ResourceNotFound"

    def __init__(self) -> None:
        super().__init__("Request references a resource that does not exist.")


class ResourceNotFound(RejectedRequest):
    """No resource that can have tags has this ARN."""

    code = "ResourceNotFound"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Resource not found: '{arn}'", resourceName=arn)


class QuotaExceeded(RejectedRequest):
    """A state machine has reached the limit of versions or aliases."""

    code = "ServiceQuotaExceededException"

    def __init__(self, kind: str, most: int) -> None:
        super().__init__(f"The maximum number of {kind} per state machine has been reached: {most}")


class TooManyTags(RejectedRequest):
    """A resource would exceed the limit of tags."""

    code = "TooManyTags"

    def __init__(self, arn: str, most: int) -> None:
        super().__init__(f"'{arn}' would have more than {most} tags", resourceName=arn)
