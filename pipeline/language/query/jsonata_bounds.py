"""The bounds of one evaluation, so that no expression holds a worker or takes all its memory.

They are counted in steps and values, not in seconds: the language knows no clock, and the same
expression on the same data always ends the same way.
"""

from typing import Any

from pipeline.language.query.jsonata_failure import (
    SEQUENCE_TOO_LONG,
    STACK_OVERFLOW,
    TOO_MANY_STEPS,
    failure,
)

MAX_STEPS = 2_000_000
"""Most steps of an evaluation: some seconds of computing."""

MAX_NESTED = 1_000
"""Deepest nesting of steps: some 200 calls of a recursive function within each other.

Each takes about five calls in Python; the library raises Python's own limit to 10,000.
"""

MAX_VALUES = 1_000_000
"""Most items of a sequence, characters of a string and values of a result.

The reference allows ten times as many in a range. AWS takes 256 KiB of JSON as a result.
"""

_VALUES_PER_STEP = 16


class Bounds:
    """What is left of the bounds."""

    __slots__ = ("_depth", "_steps_left")

    def __init__(self) -> None:
        self._steps_left = MAX_STEPS
        self._depth = 0

    def enter(self) -> None:
        """Begins a step within another.

        Raises:
            JException: There were too many, or they nest too deeply.
        """
        self._steps_left -= 1
        self._depth += 1
        if self._steps_left < 0:
            raise failure(TOO_MANY_STEPS, MAX_STEPS)
        if self._depth > MAX_NESTED:
            raise failure(STACK_OVERFLOW)

    def leave(self) -> None:
        """Ends a step."""
        self._depth -= 1

    def charge(self, values: int) -> None:
        """Counts a look at a number of values.

        Raises:
            JException: There were too many.
        """
        self._steps_left -= 1 + values // _VALUES_PER_STEP
        if self._steps_left < 0:
            raise failure(TOO_MANY_STEPS, MAX_STEPS)

    def weigh(self, value: Any) -> None:
        """Counts a look at all that a value holds.

        What takes little memory may be large all the same: an array can be many times in another.

        Raises:
            JException: It holds too much.
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
            JException: It is a sequence or string that is too long.
        """
        if isinstance(value, list | str) and len(value) > MAX_VALUES:
            raise failure(SEQUENCE_TOO_LONG, MAX_VALUES)
        return value
