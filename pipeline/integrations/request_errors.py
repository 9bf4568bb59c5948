"""The root of the errors that requests get by AWS's names; each stands beside what raises it."""

from typing import ClassVar


class RejectedRequest(Exception):
    """A request that the state of things forbids; the message says why, in AWS's words.

    Attributes:
        code: AWS's name of the error.
        members: Further members of the error's shape.
    """

    code: ClassVar[str]

    def __init__(self, message: str, **members: str) -> None:
        super().__init__(message)
        self.members = members
