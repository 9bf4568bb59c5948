"""Telling the threads of an EXPRESS execution, or of one fan-out in it, to stop."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOOK_SECONDS = 0.5
"""The engine's clock may jump, so a waiting thread looks at it this often."""


class Stopped(Exception):
    """The execution, or the part of it that a thread works on, is over."""


class Stop:
    """The end of an execution or of a part of it; what is below that part ends with it."""

    def __init__(self, clock: Callable[[], float], deadline: float) -> None:
        """Nothing is over yet.

        Args:
            clock: Returns epoch seconds.
            deadline: Epoch seconds at which it is over in any case.
        """
        self._clock = clock
        self._deadline = deadline
        self._lock = threading.Lock()
        self._is_set = False
        self._waiting: set[threading.Event] = set()
        self._parts: set[Stop] = set()

    def check(self) -> None:
        """Go on only if it is not over.

        Raises:
            Stopped: It is.
        """
        if self._is_set or self._clock() >= self._deadline:
            raise Stopped

    def set(self) -> None:
        """Stop, and wake the threads that wait."""
        with self._lock:
            self._is_set = True
            waiting, parts = tuple(self._waiting), tuple(self._parts)
        for event in waiting:
            event.set()
        for part in parts:
            part.set()

    @contextmanager
    def part(self) -> Iterator["Stop"]:
        """The end of a part; that part is over when the block is left."""
        part = Stop(self._clock, self._deadline)
        with self._lock:
            self._parts.add(part)
            is_set = self._is_set
        if is_set:
            part.set()
        try:
            yield part
        finally:
            part.set()
            with self._lock:
                self._parts.discard(part)

    def wait(self, event: threading.Event, until: float | None = None) -> bool:
        """Wait for an event or a time.

        Args:
            event: The event to wait for; no other thread may wait for it.
            until: Epoch seconds, or None for as long as it takes.

        Returns:
            Whether the event came; False when the time did.

        Raises:
            Stopped: It was over before.
        """
        ends_at = self._deadline if until is None else min(until, self._deadline)
        with self._lock:
            self._waiting.add(event)
        try:
            while not self._is_set and not event.is_set():
                left = ends_at - self._clock()
                if left <= 0:
                    break
                event.wait(min(left, _LOOK_SECONDS))
        finally:
            with self._lock:
                self._waiting.discard(event)
        came = event.is_set()  # unless the stop itself has set it
        self.check()
        return came
