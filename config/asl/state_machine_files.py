"""The state machine files by their names, as AWS and the engine on premises get them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

DIRECTORY: Final = Path(__file__).parent

LEGACY_STANDARD: Final = "aws_step_functions.json"
LEGACY_DISTRIBUTED: Final = "aws_step_functions_distributed.json"
V3_STANDARD: Final = "aws_step_functions_v3.json"
V3_DISTRIBUTED: Final = "aws_step_functions_distributed_v3.json"

FILES: Final = (LEGACY_STANDARD, LEGACY_DISTRIBUTED, V3_STANDARD, V3_DISTRIBUTED)
"""A, B, C, D of the contract, in this order."""

PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9]+)\}")
"""A substitution as CloudFormation's ``DefinitionSubstitutions`` takes it."""


class UnknownPlaceholder(Exception):
    """A definition holds placeholders without values; ``names`` lists them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names

    def __str__(self) -> str:
        return f"No value for {', '.join(f'${{{name}}}' for name in self.names)}"


def placeholders(text: str) -> frozenset[str]:
    """The names in a text that are to be substituted."""
    return frozenset(PLACEHOLDER.findall(text))


def read_definition(name: str, values: Mapping[str, str]) -> str:
    """The text of one of the files with its placeholders substituted.

    Raises:
        UnknownPlaceholder: ``values`` lacks some of them.
    """
    return substitute((DIRECTORY / name).read_text(encoding="utf-8"), values)


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Put the values into the JSON strings that name them.

    Raises:
        UnknownPlaceholder: ``values`` lacks some of the names.
    """
    missing = sorted(placeholders(text) - values.keys())
    if missing:
        raise UnknownPlaceholder(tuple(missing))
    return PLACEHOLDER.sub(lambda match: _inside_a_string(values[match[1]]), text)


def _inside_a_string(value: str) -> str:
    return json.dumps(value)[1:-1]
