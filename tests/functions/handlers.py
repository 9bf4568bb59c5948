"""Functions that the end-to-end tests invoke: Lambda handlers that can be watched and held.

A test sees what they do in files below a directory that it shares with the workers, which may be
other processes.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MAX_HOLD = 60.0
"""Seconds after which a held function gives up, so that no worker outlives a failed test."""


class NotYet(Exception):
    """The function works at a later attempt."""


class NeverOpened(Exception):
    """The test did not let the function go on."""


def echo(event: Any, context: object) -> Any:
    """Return the event."""
    return event


def double(event: int, context: object) -> int:
    """Return twice the event."""
    return 2 * event


def fail(event: Any, context: object) -> None:
    """Fail whatever the event is."""
    raise NotYet(f"asked with {event}")


def log(event: dict[str, Any], context: object) -> Any:
    """Write a line to ``log`` and return ``item``."""
    _append(event["log"], str(event["item"]))
    return event["item"]


def work(event: dict[str, Any], context: object) -> int:
    """Write to ``log`` that it has begun with ``item``, work a moment, and return its square."""
    _append(event["log"], str(event["item"]))
    time.sleep(0.02)
    return int(event["item"]) ** 2


def fail_first(event: dict[str, Any], context: object) -> int:
    """Fail until ``attempts`` calls are in ``log``; then return their number."""
    _append(event["log"], "called")
    calls = len(Path(event["log"]).read_text().splitlines())
    if calls < event["attempts"]:
        raise NotYet(f"call {calls}")
    return calls


def hold(event: dict[str, Any], context: object) -> str:
    """Say in ``log`` that it has begun, and return when ``gate`` is there."""
    _append(event["log"], "begun")
    _await(Path(event["gate"]).exists)
    _append(event["log"], "ended")
    return "let go"


def crowd(event: dict[str, Any], context: object) -> int:
    """Return how many calls were inside at once, staying until that was ``wanted`` some time."""
    present = Path(event["counter"])
    with _locked(present):
        inside, most = _counts(present)
        _write_counts(present, inside + 1, max(most, inside + 1))
    _await(lambda: _counts(present)[1] >= event["wanted"])
    with _locked(present):
        inside, most = _counts(present)
        _write_counts(present, inside - 1, most)
    return most


def ask(event: dict[str, Any], context: object) -> str:
    """Leave the task token in the file ``asks``, for the test to answer."""
    _put(Path(event["asks"]), event["token"])
    return "nobody reads this"


def ask_and_stay(event: dict[str, Any], context: object) -> str:
    """Leave the task token in ``asks`` and return only when ``gate`` is there."""
    ask(event, context)
    return hold(event, context)


def text(event: int, context: object) -> str:
    """A text of so many characters that hardly compresses."""
    return os.urandom(event // 2).hex()


def _append(path: str, line: str) -> None:
    """Append a line in one write, which other processes cannot tear."""
    with Path(path).open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


def _put(path: Path, content: str) -> None:
    """Write a file that nobody sees half written."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(content)
    partial.rename(path)


def _await(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MAX_HOLD
    while not condition():
        if time.monotonic() > deadline:
            raise NeverOpened
        time.sleep(0.01)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _counts(path: Path) -> tuple[int, int]:
    """How many are inside, and how many were at most."""
    if not path.exists():
        return 0, 0
    inside, most = path.read_text().split()
    return int(inside), int(most)


def _write_counts(path: Path, inside: int, most: int) -> None:
    _put(path, f"{inside} {most}")
