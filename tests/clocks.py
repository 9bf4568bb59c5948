"""Time that tests move on by themselves."""

import time


class SkippingClock:
    """The real time, plus what a test has skipped.

    Attributes:
        skipped: Seconds.
    """

    def __init__(self) -> None:
        self.skipped = 0.0

    def __call__(self) -> float:
        return time.time() + self.skipped
