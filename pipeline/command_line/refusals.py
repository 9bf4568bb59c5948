"""What a command says when it cannot do what it was asked to: a sentence, not a stack trace."""

from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import OperationalError as LedgerError
from typer.core import TyperGroup

from config.invalid_settings import InvalidSettings
from pipeline.api.access_keys import InvalidAccessKeys
from pipeline.api.server import ServerFailed
from pipeline.command_line.consoles import messages
from pipeline.executions import ExecutionAlreadyExists, ExecutionDoesNotExist
from pipeline.functions.functions_file import InvalidFunctions
from pipeline.language.errors import InvalidDefinition
from pipeline.payloads.object_store import ObjectStoreError

REFUSED = 2
"""Exit code for a bad definition, input or setting, which the user has to correct first."""


class Refusal(Exception):
    """A command cannot do what it was asked to; the text says why."""


_SELF_EXPLAINING = (
    Refusal,
    InvalidAccessKeys,
    InvalidDefinition,
    InvalidFunctions,
    InvalidSettings,
    ServerFailed,
)


class Commands(TyperGroup):
    """The group of all commands, which turns what the user can correct into one message."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except _SELF_EXPLAINING as error:
            message = str(error)
        except ExecutionDoesNotExist as error:
            message = f"There is no execution {error.arn}"
        except ExecutionAlreadyExists as error:
            message = f"There is an execution of this name already: {error.arn}"
        except ClientError as error:
            answer = error.response["Error"]
            message = f"{answer['Code']}: {answer['Message']}"
        except BotoCoreError as error:
            message = f"The endpoint cannot be used: {error}"
        except LedgerError as error:
            message = f"The ledger cannot be used: {error.orig}"
        except BrokerError as error:
            message = f"The broker cannot be used: {error}"
        except ObjectStoreError as error:
            message = f"The object store cannot be used: {error}"
        messages.print(message)
        raise typer.Exit(REFUSED)
