"""A failing command prints one sentence, not a stack trace."""

from collections.abc import Mapping
from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from typer.core import TyperGroup

from config.invalid_settings import InvalidSettings
from config.settings import load_settings
from pipeline.api.access_keys import InvalidAccessKeys
from pipeline.api.server import ServerFailed
from pipeline.command_line.consoles import messages
from pipeline.engine.embedded import EmbeddedWorkerFailed
from pipeline.executions.lifecycle import ExecutionAlreadyExists, ExecutionDoesNotExist
from pipeline.integrations.functions.functions_file import InvalidFunctions
from pipeline.integrations.services.connections import InvalidConnections
from pipeline.language.errors import InvalidDefinition
from pipeline.ledger.migrations import LedgerOfAnotherVersion
from pipeline.payloads.object_store import ObjectStoreError

USAGE_ERROR = 2
"""Exit code for an invalid definition, input or setting, which the user has to correct."""


class CommandError(Exception):
    """The command cannot be carried out; the text gives the reason."""


_SELF_EXPLAINING = (
    CommandError,
    EmbeddedWorkerFailed,
    InvalidAccessKeys,
    InvalidConnections,
    InvalidDefinition,
    InvalidFunctions,
    InvalidSettings,
    LedgerOfAnotherVersion,
    ParamValidationError,
    ServerFailed,
)

_LEDGER_AWAY_OR_BROKEN = (OperationalError, DatabaseError)
"""Not the classes below them: a statement that a working database rejects is a bug of ours."""


class Commands(TyperGroup):
    """The group of all commands, which prints an error that the user can correct as one message."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            message = _message(error)
            if message is None:
                raise
        messages.print(message)
        raise typer.Exit(USAGE_ERROR)


def _message(error: Exception) -> str | None:
    """The message for an error that the user can correct; None for any other."""
    message: str | None
    match error:
        case ExecutionDoesNotExist():
            message = f"There is no execution {error.arn}"
        case ExecutionAlreadyExists():
            message = f"An execution of this name already exists: {error.arn}"
        case ClientError():
            message = _answer(error.response["Error"])
        case BotoCoreError() if not isinstance(error, ParamValidationError):
            message = f"The endpoint cannot be used: {error}"
        case DatabaseError() if type(error) in _LEDGER_AWAY_OR_BROKEN:
            ledger = make_url(load_settings().ledger_url).render_as_string(hide_password=True)
            message = f"The ledger {ledger} cannot be used: {error.orig}"
        case BrokerError():
            message = f"The broker cannot be used: {error}"
        case ObjectStoreError():
            message = f"The object store cannot be used: {error}"
        case OSError() if error.filename is not None:
            message = f"{error.filename} cannot be used: {error.strerror}"
        case _:
            message = str(error) if isinstance(error, _SELF_EXPLAINING) else None
    return message


def _answer(error: Mapping[str, Any]) -> str:
    code = str(error["Code"])
    if code.isdigit():  # from a proxy, or from another server at that address
        return f"The server at this address is not the endpoint: it answers with HTTP status {code}"
    return f"{code}: {error['Message']}"
