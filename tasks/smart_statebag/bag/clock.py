"""The source of time, passed in so that tests need no waiting."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The functions' source of time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def iso_utc(epoch_seconds: float) -> str:
    """ISO 8601 in UTC, milliseconds: the form of every ``*_at`` field."""
    moment = datetime.fromtimestamp(epoch_seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
