"""A definition that is rejected, and the places in it as AWS writes them.

API reference, "CreateStateMachine" and "ValidateStateMachineDefinition".
"""

import re
from collections.abc import Iterable

from pipeline.integrations.request_errors import RejectedRequest
from pipeline.language.errors import Problem

_INDEX = re.compile(r"(?<!/States)/(\d+)(?=/|$)")


class DefinitionRejected(RejectedRequest):
    """A definition does not conform; the message names every problem and its place."""

    code = "InvalidDefinition"

    def __init__(self, problems: Iterable[Problem]) -> None:
        listed = ", ".join(
            f"{problem.code}: {problem.message} at {location(problem.place)}"
            for problem in problems
        )
        super().__init__(f"Invalid State Machine Definition: '{listed}'")


def location(place: str) -> str:
    """A JSON pointer as AWS writes it: names as they are, and indexes in brackets."""
    bracketed = _INDEX.sub(r"[\1]", place)
    return bracketed.replace("~1", "/").replace("~0", "~") or "/"
