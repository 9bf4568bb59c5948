"""The limit of a state's input and output (AWS: "Quotas", "Task executions")."""

from collections.abc import Iterable

from pipeline.language.errors import DATA_LIMIT_EXCEEDED, ExecutionError
from pipeline.language.json_value import Json, size_in_bytes

MAX_BYTES = 262_144
"""256 KiB of compact JSON in UTF-8."""


def check_size(value: Json, owner: str) -> None:
    """Check that data does not exceed the limit.

    Args:
        value: A Task state's effective input, a result, or a state's output.
        owner: The state's name, or the ARN of the resource whose result it is.

    Raises:
        ExecutionError: States.DataLimitExceeded.
    """
    if size_in_bytes(value) > MAX_BYTES:
        raise too_large(owner)


def array_within_limit(values: Iterable[Json], owner: str) -> list[Json]:
    """The values as one array. Stops reading them as soon as they exceed the limit.

    Raises:
        ExecutionError: States.DataLimitExceeded.
    """
    array: list[Json] = []
    size = len("[]")
    for value in values:
        size += size_in_bytes(value) + (len(",") if array else 0)
        if size > MAX_BYTES:
            raise too_large(owner)
        array.append(value)
    return array


def too_large(owner: str) -> ExecutionError:
    """The error of data above the limit; ``owner`` as in ``check_size``."""
    return ExecutionError(
        DATA_LIMIT_EXCEEDED,
        f"The state/task '{owner}' returned a result with a size exceeding "
        "the maximum number of bytes service limit.",
    )
