"""The connections of HTTP tasks, which authenticate them at an endpoint.

They replace EventBridge's connections. State machines name them by ARN; the file names them by ARN
or by the name in it. Secrets are in environment variables, not in the file.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from pipeline.integrations.invalid_file import InvalidFile

_NAME = slice(1, 2)  # of an ARN's resource: connection/<name>/<id>


class InvalidConnections(InvalidFile):
    """The file of connections cannot be used."""

    contents = "The connections file"


class Additions(BaseModel):
    """Fields that any connection may add to each request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    body: Mapping[str, str] = {}


Secret: TypeAlias = str
"""A secret; in the file it is the name of an environment variable."""


def _secret(variable: str) -> str:
    if variable not in os.environ:
        raise ValueError(f"the environment variable {variable} is not set")
    return os.environ[variable]


class BasicConnection(Additions):
    """A user's name and password."""

    type: Literal["BASIC"]
    username: str
    password: Annotated[Secret, Field(alias="password_variable", repr=False)]

    _read = field_validator("password")(_secret)


class ApiKeyConnection(Additions):
    """A header with a key."""

    type: Literal["API_KEY"]
    name: str
    value: Annotated[Secret, Field(alias="value_variable", repr=False)]

    _read = field_validator("value")(_secret)


class OAuthConnection(Additions):
    """A token that an authorization server issues for a client's credentials."""

    type: Literal["OAUTH_CLIENT_CREDENTIALS"]
    authorization_endpoint: Annotated[str, Field(pattern=r"^https?://")]
    method: Literal["GET", "POST", "PUT"] = "POST"
    client_id: str
    client_secret: Annotated[Secret, Field(alias="client_secret_variable", repr=False)]
    authorization_parameters: Mapping[str, str] = {}

    _read = field_validator("client_secret")(_secret)


Connection: TypeAlias = BasicConnection | ApiKeyConnection | OAuthConnection

_TABLES = TypeAdapter[dict[str, Connection]](
    dict[str, Annotated[Connection, Field(discriminator="type")]]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """Connections by their name or whole ARN, as the file spells it."""

    by_name: Mapping[str, Connection]

    def find(self, arn: str) -> Connection | None:
        """The connection of an ARN, or None."""
        name = "".join(arn.rsplit(":", 1)[-1].split("/")[_NAME])
        return self.by_name.get(arn) or self.by_name.get(name)


def load_connections(path: Path | None) -> Connections:
    """Read the file of connections: ``[connections."<name or ARN>"]`` tables.

    Raises:
        InvalidConnections: It cannot be read, or something in it is wrong.
    """
    if path is None:
        return Connections(by_name={})
    try:
        document = tomllib.loads(path.read_text())
        tables = document.pop("connections", {})
        if document:
            raise InvalidConnections(path, ("expected [connections.<name>] tables only",))
        return Connections(by_name=_TABLES.validate_python(tables))
    except ValidationError as error:
        raise InvalidConnections(path, tuple(_problems(error))) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidConnections(path, (str(error),)) from error


def _problems(error: ValidationError) -> list[str]:
    # The values are left out: one may be a secret in the file by mistake.
    return [
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    ]
