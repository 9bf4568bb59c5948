"""The base class of errors that clients get by AWS's names; each stands where it is raised."""

from typing import ClassVar


class RejectedRequest(Exception):
    """A request that cannot be served as things are; the message gives the reason in AWS's words.

    Attributes:
        code: AWS's name of the error.
        members: Further members of the error's shape.
    """

    code: ClassVar[str]

    def __init__(self, message: str, **members: str) -> None:
        super().__init__(message)
        self.members = members
