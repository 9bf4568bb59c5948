"""ErrorEquals: the error names that a retrier or a catcher matches (specification: "Errors")."""

from pipeline.language.errors import (
    ALL,
    HEARTBEAT_TIMEOUT,
    NO_TASK_FAILURES,
    RUNTIME,
    TASK_FAILED,
    TIMEOUT,
)
from pipeline.language.parsing.object_reader import ObjectReader

_TIMEOUTS = frozenset({TIMEOUT, HEARTBEAT_TIMEOUT})
"""A missed heartbeat is a timeout, too: HeartbeatSeconds "fails with a States.Timeout error"."""


def matches(error_equals: tuple[str, ...], error: str) -> bool:
    """Whether one of the names, wildcards included, matches the error.

    Nothing matches States.Runtime, not even its own name: it "isn't retriable, and will always
    cause the execution to fail" (AWS: "Error names").
    """
    return error != RUNTIME and any(_name_matches(name, error) for name in error_equals)


def _name_matches(name: str, error: str) -> bool:
    if name == error:
        return True
    if name == ALL:
        return True
    if name == TASK_FAILED:  # "any known error name except for States.Timeout"
        return error not in NO_TASK_FAILURES | _TIMEOUTS
    return name == TIMEOUT and error in _TIMEOUTS


def parse_error_equals(reader: ObjectReader, *, is_last: bool) -> tuple[str, ...]:
    """Parse the ErrorEquals of one retrier or catcher.

    Args:
        reader: The retrier or catcher.
        is_last: Whether it is the last one; only the last may match States.ALL.
    """
    if not reader.require("ErrorEquals"):
        return ()
    if reader.value("ErrorEquals") == []:
        reader.problem("'ErrorEquals' must name at least one error", "ErrorEquals")
    names = reader.texts("ErrorEquals")
    if ALL in names:
        _check_all_is_alone_and_last(reader, names, is_last=is_last)
    return names


def _check_all_is_alone_and_last(
    reader: ObjectReader, names: tuple[str, ...], *, is_last: bool
) -> None:
    if len(names) > 1:
        reader.problem(f"'{ALL}' must stand alone in 'ErrorEquals'", "ErrorEquals")
    if not is_last:
        reader.problem(f"'{ALL}' is allowed only in the last element", "ErrorEquals")
