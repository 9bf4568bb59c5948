"""Names of state machines, executions and activities (API reference: "CreateStateMachine")."""

import re

from pipeline.integrations.request_errors import RejectedRequest

NAME_CHARACTER = (
    r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U0010ffff]"""
)
"""Any character but white space, brackets, wildcards, special and control characters."""

_NAME = re.compile(f"{NAME_CHARACTER}{{1,80}}")


class InvalidName(RejectedRequest):
    """A client sent a text that cannot be a name."""

    code = "InvalidName"

    def __init__(self, name: str) -> None:
        super().__init__(f"Invalid Name: '{name}'")


def check_name(name: str) -> None:
    """Check that a text can be a name.

    Raises:
        InvalidName: It contains a character that no name may contain, or too many characters.
    """
    if not _NAME.fullmatch(name):
        raise InvalidName(name)
