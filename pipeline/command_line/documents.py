"""What a command is given: definitions, inputs and names."""

import re
import sys
from pathlib import Path

from pipeline.command_line.refusals import Refusal
from pipeline.language.json_value import Json, loads

STANDARD_INPUT = "-"

_NAME = re.compile(r'[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,80}')
"""API reference: "StartExecution", ``name``."""

_NOT_IN_MACHINE_NAMES = re.compile(r"[^A-Za-z0-9_-]+")


def read_definition(file: Path) -> str:
    """The text of a definition file.

    Raises:
        Refusal: It cannot be read.
    """
    return _read(file)


def read_input(given: str) -> Json:
    """An execution's input.

    Args:
        given: JSON text, the name of a file that holds it, or ``-`` for standard input.

    Raises:
        Refusal: There is no such file, or its content is not JSON.
    """
    if given == STANDARD_INPUT:
        return _parse(sys.stdin.read(), "Standard input")
    try:
        return _loads(given)
    except ValueError as error:
        file = Path(given)
        if "\n" not in given and file.suffix:
            return _parse(_read(file), str(file))
        raise Refusal(f"The input is neither JSON nor the name of a file: {error}") from error


def machine_name(file: Path) -> str:
    """The name of the state machine in a file: ``order`` for ``order.asl.json``."""
    stem = file.name.removesuffix(".json").removesuffix(".asl")
    return _NOT_IN_MACHINE_NAMES.sub("-", stem)[:80]


def checked_name(name: str) -> str:
    """A name for an execution.

    Raises:
        Refusal: AWS would not take it.
    """
    if _NAME.fullmatch(name) is None:
        raise Refusal(
            f"{name!r} cannot name an execution: 1 to 80 characters, no space, control character "
            'or any of < > { } [ ] ? * " # % \\ ^ | ~ ` $ & , ; : /'
        )
    return name


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Refusal(f"{file} cannot be read: {reason}") from error


def _parse(text: str, origin: str) -> Json:
    try:
        return _loads(text)
    except ValueError as error:
        raise Refusal(f"{origin} is not JSON: {error}") from error


def _loads(text: str) -> Json:
    try:
        return loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
