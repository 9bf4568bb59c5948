"""Variables: values that a state assigns and later states of its scope read.

Specification: "Variables"; AWS: "Passing data between states with variables". An inner scope (a
branch, an iteration of an inline Map) begins with the variables of the outer one and never writes
them, so children simply get their frame's variables.
"""

from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.json_value import JsonObject, size_in_bytes

RESERVED = "states"
"""``$states`` holds a state's data in JSONata, and cannot be a variable."""

MAX_NAME = 80
MAX_BYTES = 262_144
"""256 KiB of compact JSON, AWS's limit of one variable and of one Assign."""
MAX_TOTAL_BYTES = 10_485_760
"""10 MiB, AWS's limit of all variables of an execution."""


def problem_of_name(name: str) -> str | None:
    """The problem with the name of a variable, as a sentence; None if it is valid."""
    if name == RESERVED:
        return f"The variable name '{RESERVED}' is reserved"
    if len(name) > MAX_NAME:
        return f"The name of a variable has at most {MAX_NAME} characters, not {len(name)}"
    # Python's identifiers are those of Unicode, except for a leading underscore.
    if not name.isidentifier() or name.startswith("_"):
        return f"'{name}' is not a Unicode identifier, as the name of a variable must be"
    return None


def check_sizes(assigned: JsonObject, variables: JsonObject) -> None:
    """Check that variables do not exceed AWS's limits.

    Args:
        assigned: The values of one Assign.
        variables: The variables before it.

    Raises:
        ExecutionError: States.Runtime.
    """
    sizes = {name: size_in_bytes(value) for name, value in assigned.items()}
    for name, size in sizes.items():
        if size > MAX_BYTES:
            raise _too_large(f"The variable '{name}'", MAX_BYTES)
    if sum(sizes.values()) > MAX_BYTES:
        raise _too_large("The variables of one Assign together", MAX_BYTES)
    kept = {name: value for name, value in variables.items() if name not in assigned}
    if sum(sizes.values()) + size_in_bytes(kept) > MAX_TOTAL_BYTES:
        raise _too_large("All variables of the execution together", MAX_TOTAL_BYTES)


def _too_large(what: str, limit: int) -> ExecutionError:
    return ExecutionError(RUNTIME, f"{what} exceeded the maximum size of {limit} bytes.")
