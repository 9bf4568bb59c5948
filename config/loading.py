"""Reading settings, and reporting every one that cannot be used."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings

from config.invalid_settings import InvalidSettings, WrongSetting, shown, unknown

PREFIX = "STATEBAG_"
FILE_VARIABLE = "STATEBAG_CONFIG"
DEFAULT_FILE = Path("statebag.toml")

AnySettings = TypeVar("AnySettings", bound=BaseSettings)


def settings_file() -> Path:
    """The TOML file, which need not exist."""
    return Path(os.environ.get(FILE_VARIABLE) or DEFAULT_FILE)


def load(settings: type[AnySettings]) -> AnySettings:
    """Read the settings from the environment and the TOML file.

    Raises:
        InvalidSettings: Some setting is unknown or has a value that cannot be used.
    """
    file = settings_file()
    if file != DEFAULT_FILE and not file.is_file():
        raise InvalidSettings(
            (WrongSetting(name=FILE_VARIABLE, value=shown(str(file)), expected="no such file"),)
        )
    wrong = tuple(_unknown_variables(settings))
    try:
        loaded = settings()
    except tomllib.TOMLDecodeError as error:
        wrong += (WrongSetting(name=str(file), value=None, expected=f"not TOML: {error}"),)
    except ValidationError as error:
        wrong += tuple(_wrong_settings(settings, error, file))
    if wrong:
        raise InvalidSettings(wrong)
    return loaded


def variable(field: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field.upper()


def _unknown_variables(settings: type[BaseSettings]) -> Iterator[WrongSetting]:
    known = [variable(name) for name in settings.model_fields] + [FILE_VARIABLE]
    for name, value in sorted(os.environ.items()):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            yield WrongSetting(name=name, value=shown(value), expected=unknown(name.upper(), known))


def _wrong_settings(
    settings: type[BaseSettings], error: ValidationError, file: Path
) -> Iterator[WrongSetting]:
    for details in error.errors(include_url=False):
        # A default that is derived from a wrong setting is not wrong by itself.
        if details["type"] != "default_factory_not_called":
            yield _wrong_setting(settings, details, file)


def _wrong_setting(settings: type[BaseSettings], details: ErrorDetails, file: Path) -> WrongSetting:
    field = str(details["loc"][0])
    if details["type"] == "extra_forbidden":
        expected = unknown(field, settings.model_fields)
    else:
        expected = details["msg"].removeprefix("Value error, ")
    variables = {name.upper() for name in os.environ}
    from_file = field in _keys(file) and variable(field) not in variables
    name = f"{field} in {file}" if from_file else variable(field)
    return WrongSetting(name=name, value=shown(details["input"]), expected=expected)


def _keys(file: Path) -> Mapping[str, Any]:
    return tomllib.loads(file.read_text()) if file.is_file() else {}
