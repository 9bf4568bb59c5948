"""The access keys that the endpoint accepts: one TOML table for each key, with its account."""

import os
import secrets
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipeline.integrations.invalid_file import InvalidFile

_ID_CHARACTERS = string.ascii_uppercase + "234567"
_SECRET_CHARACTERS = string.ascii_letters + string.digits
"""No punctuation: `aws configure set` would take a secret that begins with - as an option."""
_SECRET_LENGTH = 40
_ACCOUNT_DIGITS = 12


class Role(StrEnum):
    """What the holder of a key may do."""

    FULL = "full"
    READ_ONLY = "read-only"
    """Look at everything and change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """A key pair, its account and its role."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    account_id: str
    role: Role = Role.FULL


AccessKeys = Mapping[str, AccessKey]
"""Keys by their ids."""


class InvalidAccessKeys(InvalidFile):
    """The file of access keys cannot be used."""

    contents = "The access keys in"


def load_access_keys(path: Path) -> AccessKeys:
    """Read the file of access keys.

    Raises:
        InvalidAccessKeys: The file is missing or something in it is wrong.
    """
    try:
        document = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidAccessKeys(path, (str(error),)) from error
    tables = document.get("access_keys")
    if not isinstance(tables, dict) or not tables or len(document) > 1:
        raise InvalidAccessKeys(path, ("expected tables [access_keys.<access key id>] only",))
    problems = tuple(line for name, table in tables.items() for line in _problems(name, table))
    if problems:
        raise InvalidAccessKeys(path, problems)
    return {name: _key(name, table) for name, table in tables.items()}


def _key(name: str, table: dict[str, str]) -> AccessKey:
    return AccessKey(
        access_key_id=name,
        secret_access_key=table["secret_access_key"],
        account_id=table["account_id"],
        role=Role(table.get("role", Role.FULL)),
    )


def _problems(name: str, table: Any) -> Iterator[str]:
    heading = f"[access_keys.{name}]"
    if not isinstance(table, dict) or table.keys() - {"role"} != {
        "secret_access_key",
        "account_id",
    }:
        yield f"{heading}: expected secret_access_key, account_id and, where it is limited, role"
        return
    if table.get("role", Role.FULL) not in list(Role):
        yield f"{heading} role: is {table['role']!r}, expected {' or '.join(Role)}"
    secret, account_id = table["secret_access_key"], table["account_id"]
    if not isinstance(secret, str) or not secret:
        yield f"{heading} secret_access_key: expected a text that is not empty"
    if not is_account_id(account_id):
        yield f"{heading} account_id: is {account_id!r}, expected twelve digits in quotes"


def is_account_id(value: object) -> bool:
    """Whether a text is an account id: twelve digits."""
    return (
        isinstance(value, str)
        and len(value) == _ACCOUNT_DIGITS
        and value.isascii()
        and value.isdigit()
    )


def generate_access_key(path: Path, account_id: str) -> AccessKey:
    """Create a key pair and write it to a file that only its owner can read.

    Raises:
        FileExistsError: There is such a file.
    """
    key = AccessKey(
        access_key_id="SBAK" + _random_text(_ID_CHARACTERS, 16),
        secret_access_key=_random_text(_SECRET_CHARACTERS, _SECRET_LENGTH),
        account_id=account_id,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(
            f"[access_keys.{key.access_key_id}]\n"
            f'secret_access_key = "{key.secret_access_key}"\n'
            f'account_id = "{key.account_id}"\n'
        )
    return key


def _random_text(characters: str, length: int) -> str:
    return "".join(secrets.choice(characters) for _ in range(length))
