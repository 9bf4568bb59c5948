"""Time that tests move on by themselves."""

import time

NOW = 1_800_000_000.0
"""When a FakeClock starts."""


class SkippingClock:
    """The real time, plus what a test has skipped.

    Attributes:
        skipped: Seconds.
    """

    def __init__(self) -> None:
        self.skipped = 0.0

    def __call__(self) -> float:
        return time.time() + self.skipped


class FakeClock:
    """A clock that moves only when it is told to, and remembers how long it slept."""

    def __init__(self, now: float = NOW) -> None:
        self.time = now
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
