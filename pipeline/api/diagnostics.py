"""What is wrong with a definition, as AWS tells it.

API reference, "ValidateStateMachineDefinition" and "CreateStateMachine".
"""

import re
from collections.abc import Iterable

from pipeline.api.call import Output
from pipeline.api.errors import ApiError
from pipeline.language.errors import Problem

_INDEX = re.compile(r"(?<!/States)/(\d+)(?=/|$)")


def diagnostic(problem: Problem, severity: str = "ERROR") -> Output:
    """A problem or warning as a diagnostic of AWS's shape."""
    return {
        "severity": severity,
        "code": problem.code,
        "message": problem.message,
        "location": location(problem.place) if problem.place else None,
    }


def invalid_definition(problems: Iterable[Problem]) -> ApiError:
    """The error by which a definition is refused."""
    told = ", ".join(
        f"{problem.code}: {problem.message} at {location(problem.place)}" for problem in problems
    )
    return ApiError("InvalidDefinition", f"Invalid State Machine Definition: '{told}'")


def location(place: str) -> str:
    """A JSON pointer as AWS writes it: names as they are, and indexes in brackets."""
    bracketed = _INDEX.sub(r"[\1]", place)
    return bracketed.replace("~1", "/").replace("~0", "~") or "/"
