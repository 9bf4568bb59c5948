"""The limit on the data a state takes and gives (AWS: "Quotas", "Task executions")."""

from pipeline.language.errors import DATA_LIMIT_EXCEEDED, ExecutionError
from pipeline.language.json_value import Json, size_in_bytes

MAXIMUM_BYTES = 262_144
"""256 KiB of compact JSON in UTF-8."""


def check_size(value: Json, owner: str) -> None:
    """Refuse data above the limit.

    Args:
        value: A Task state's effective input, a result, or a state's output.
        owner: The state's name, or the ARN of the resource whose result it is.

    Raises:
        ExecutionError: States.DataLimitExceeded.
    """
    if size_in_bytes(value) > MAXIMUM_BYTES:
        raise ExecutionError(
            DATA_LIMIT_EXCEEDED,
            f"The state/task '{owner}' returned a result with a size exceeding "
            "the maximum number of bytes service limit.",
        )
