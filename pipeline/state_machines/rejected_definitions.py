"""The error of a rejected definition, and its places as AWS writes them.

API reference, "CreateStateMachine" and "ValidateStateMachineDefinition".
"""

import re
from collections.abc import Sequence

from pipeline.integrations.request_errors import RejectedRequest
from pipeline.language.errors import INVALID_LABEL_NAME, Problem

_INDEX = re.compile(r"(?<!/States)/(\d+)(?=/|$)")


class DefinitionRejected(RejectedRequest):
    """A definition does not conform; the message names every problem and its place.

    Args:
        problems: All problems, at least one.
        definition: The document, if the client sent it with this request; None otherwise.
    """

    code = "InvalidDefinition"

    def __init__(self, problems: Sequence[Problem], definition: str | None = None) -> None:
        if definition is not None and {problem.code for problem in problems} == {
            INVALID_LABEL_NAME
        }:
            super().__init__(_of_label(problems[0], definition))
            return
        listed = ", ".join(
            f"{problem.code}: {problem.message} at {location(problem.place)}"
            for problem in problems
        )
        super().__init__(f"Invalid State Machine Definition: '{listed}'")


def _of_label(problem: Problem, definition: str) -> str:
    """The message for an invalid label, which AWS words like no other."""
    return f"Error=ValueError Args={[problem.message]!r} in definition '{definition}'."


def location(place: str) -> str:
    """A JSON pointer as AWS writes it: names unescaped, and indexes in brackets."""
    bracketed = _INDEX.sub(r"[\1]", place)
    return bracketed.replace("~1", "/").replace("~0", "~") or "/"
