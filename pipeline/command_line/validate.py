"""``statebag validate``."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.command_line.command_errors import USAGE_ERROR, CommandError
from pipeline.command_line.consoles import messages, results
from pipeline.command_line.documents import read_definition
from pipeline.integrations.services.definition_checks import checked_definition
from pipeline.language.errors import InvalidDefinition


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Definitions.")],
) -> None:
    """Check definitions and print every problem with its place."""
    rejected = [file for file in files if not _is_valid(file)]
    if rejected:
        raise typer.Exit(USAGE_ERROR)


def _is_valid(file: Path) -> bool:
    try:
        checked_definition(read_definition(file))
    except InvalidDefinition as error:
        messages.print(f"{file}: {error}")
    except CommandError as error:
        messages.print(str(error))
    else:
        results.print(f"{file}: valid")
        return True
    return False
