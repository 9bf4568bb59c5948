"""The error of invalid settings: each one, its value, and what is expected."""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass

_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^/@\s]*@")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSetting:
    """One setting that cannot be used.

    Attributes:
        name: The environment variable, or the key and its file.
        value: What was found there, passwords hidden; None where there is nothing to show.
        expected: What is wrong with it, or what should be there.
    """

    name: str
    value: str | None
    expected: str

    def __str__(self) -> str:
        found = "" if self.value is None else f" = {self.value}"
        return f"{self.name}{found}: {self.expected}"


class InvalidSettings(Exception):
    """The settings cannot be used; it carries every wrong one."""

    def __init__(self, wrong: tuple[WrongSetting, ...]) -> None:
        super().__init__(wrong)
        self.wrong = wrong

    def __str__(self) -> str:
        lines = "\n".join(f"  {setting}" for setting in self.wrong)
        return f"These settings cannot be used:\n{lines}"


def shown(value: object) -> str:
    """The value as text, without the password of a URL."""
    return _PASSWORD.sub(r"\1***@", repr(value))


def unknown(name: str, known: Collection[str]) -> str:
    """The message that there is no such setting, with the nearest one that exists."""
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return (
        f"there is no such setting, did you mean {nearest[0]}?"
        if nearest
        else ("there is no such setting")
    )
