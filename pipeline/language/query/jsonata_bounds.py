"""The bounds of one evaluation, which keep an expression from blocking a worker or filling its
memory.

They count steps and values, not seconds: the language reads no clock, and the same expression on
the same data always has the same outcome.
"""

from typing import Any

from pipeline.language.query.jsonata_failure import (
    SEQUENCE_TOO_LONG,
    STACK_OVERFLOW,
    TOO_MANY_STEPS,
    failure,
)

MAX_STEPS = 2_000_000
"""The maximum number of steps of an evaluation, which take a few seconds."""

MAX_NESTED = 1_000
"""The deepest nesting of steps, which allows about 200 nested calls of a recursive function.

Each step takes about five nested calls in Python, whose limit the library raises to 10,000.
"""

MAX_VALUES = 1_000_000
"""The maximum number of items of a sequence, characters of a string and values of a result.

The reference implementation allows ten times as many items in a range. AWS limits a result to 256
KiB of JSON.
"""

_VALUES_PER_STEP = 16


class Bounds:
    """The remaining allowance of one evaluation."""

    __slots__ = ("_depth", "_steps_left")

    def __init__(self) -> None:
        self._steps_left = MAX_STEPS
        self._depth = 0

    def enter(self) -> None:
        """Begin a step within another.

        Raises:
            JException: The evaluation has made too many steps, or they nest too deeply.
        """
        self._steps_left -= 1
        self._depth += 1
        if self._steps_left < 0:
            raise failure(TOO_MANY_STEPS, MAX_STEPS)
        if self._depth > MAX_NESTED:
            raise failure(STACK_OVERFLOW)

    def leave(self) -> None:
        """End a step."""
        self._depth -= 1

    def charge(self, values: int) -> None:
        """Count a number of values that a step reads.

        Raises:
            JException: The evaluation has read too many.
        """
        self._steps_left -= 1 + values // _VALUES_PER_STEP
        if self._steps_left < 0:
            raise failure(TOO_MANY_STEPS, MAX_STEPS)

    def weigh(self, value: Any) -> None:
        """Count everything that a value contains.

        A value may be large although it takes little memory: an array can contain another one many
        times.

        Raises:
            JException: It contains too much.
        """
        count = 0
        pending = [value]
        while pending:
            one = pending.pop()
            count += 1
            if isinstance(one, dict | list):
                pending += one.values() if isinstance(one, dict) else one
            if count + len(pending) > MAX_VALUES:
                raise failure(SEQUENCE_TOO_LONG, MAX_VALUES)
        self.charge(count)

    def short(self, value: Any) -> Any:
        """The value.

        Raises:
            JException: It is too long a sequence or string.
        """
        if isinstance(value, list | str) and len(value) > MAX_VALUES:
            raise failure(SEQUENCE_TOO_LONG, MAX_VALUES)
        return value
