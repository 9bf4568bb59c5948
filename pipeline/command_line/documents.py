"""A command's arguments: definitions, inputs and names."""

import re
import sys
from pathlib import Path

from pipeline.command_line.command_errors import CommandError
from pipeline.language.json_value import Json, loads

STANDARD_INPUT = "-"

_NAME = re.compile(r'[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,80}')
"""API reference: "StartExecution", ``name``."""

_LIKE_A_FILE = re.compile(r"[^\s{}\[\]\"]{1,255}\.\w+")
"""Not JSON, and with a suffix: probably a mistyped file name, which deserves its own message."""

_NOT_IN_MACHINE_NAMES = re.compile(r"[^A-Za-z0-9_-]+")


def read_definition(file: Path) -> str:
    """The text of a definition file.

    Raises:
        CommandError: It cannot be read.
    """
    return _read(file)


def read_input(given: str) -> Json:
    """An execution's input.

    Args:
        given: JSON text, the name of a file that holds it (with or without ``file://``,
            which the aws command requires), or ``-`` for standard input.

    Raises:
        CommandError: The file does not exist, or its content is not JSON.
    """
    if given == STANDARD_INPUT:
        return _parse(sys.stdin.read(), "Standard input")
    try:
        return loads(given)
    except ValueError as error:
        name = given.removeprefix("file://")
        if _LIKE_A_FILE.fullmatch(name) or _is_there(name):
            return _parse(_read(Path(name)), name)
        raise CommandError(f"The input is neither JSON nor the name of a file: {error}") from error


def machine_name(file: Path) -> str:
    """The name of the state machine in a file: ``order`` for ``order.asl.json``.

    Raises:
        CommandError: The file's name has no part before its suffixes.
    """
    stem = file.name.removesuffix(".json").removesuffix(".asl")
    if not stem:
        raise CommandError(
            f"{file} gives the state machine no name: rename it, to order.asl.json for example"
        )
    return _NOT_IN_MACHINE_NAMES.sub("-", stem)[:80]


def checked_name(name: str) -> str:
    """A name for an execution.

    Raises:
        CommandError: AWS would reject it.
    """
    if _NAME.fullmatch(name) is None:
        raise CommandError(
            f"{name!r} cannot name an execution: 1 to 80 characters, no space, control character "
            'or any of < > { } [ ] ? * " # % \\ ^ | ~ ` $ & , ; : /'
        )
    return name


def _is_there(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:  # too long for a name
        return False


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise CommandError(f"{file} cannot be read: {reason}") from error


def _parse(text: str, origin: str) -> Json:
    try:
        return loads(text)
    except ValueError as error:
        raise CommandError(f"{origin} is not JSON: {error}") from error
