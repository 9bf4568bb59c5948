"""The base class of errors in a configuration file other than the settings."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar


class InvalidFile(Exception):
    """A configuration file is missing or invalid.

    Attributes:
        contents: A description of the file, with which the message begins.
        path: The file.
        problems: Everything that is wrong with it; each prints as one line.
    """

    contents: ClassVar[str]

    def __init__(self, path: Path, problems: Sequence[object]) -> None:
        super().__init__(path, problems)
        self.path = path
        self.problems = problems

    def __str__(self) -> str:
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        return f"{self.contents} {self.path} cannot be used:\n{lines}"
