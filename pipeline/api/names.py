"""Names of state machines, executions and activities (API reference: "CreateStateMachine")."""

import re

from pipeline.api.errors import ApiError

NAME_CHARACTER = (
    r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U0010ffff]"""
)
"""Any character but white space, brackets, wildcards, special and control characters."""

_NAME = re.compile(f"{NAME_CHARACTER}{{1,80}}")


def check_name(name: str) -> None:
    """Refuse what cannot be a name.

    Raises:
        ApiError: InvalidName.
    """
    if not _NAME.fullmatch(name):
        raise ApiError("InvalidName", f"Invalid Name: '{name}'")
