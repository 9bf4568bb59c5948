"""Attempts of one node within one call: throttling, time-outs, connections (Contract 5.5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.node_errors import Attempt, NodeError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRetries:
    """How often to retry, with which pauses: the n-th is ``base_delay`` x 2^(n-1) s + 0..1 s."""

    max_retries: int = 3
    base_delay: float = 2.0

    @classmethod
    def of(cls, retry_config: Json) -> "LocalRetries":
        """The node's ``retry_config`` over the defaults."""
        given = retry_config if isinstance(retry_config, Mapping) else {}
        return cls(
            max_retries=_number(given.get("max_retries"), cls().max_retries, int),
            base_delay=_number(given.get("base_delay"), cls().base_delay, float),
        )


class AttemptsExhausted(Exception):
    """The last error of a node, with every attempt before it."""

    def __init__(self, last: NodeError, attempts: tuple[Attempt, ...]) -> None:
        super().__init__(last, attempts)
        self.last = last
        self.attempts = attempts

    def __str__(self) -> str:
        return f"{self.last} (attempts: {len(self.attempts)})"


def attempt_locally(
    call: Callable[[], T],
    retries: LocalRetries,
    *,
    sleep: Callable[[float], None],
    jitter: Callable[[], float],
) -> T:
    """The value of ``call``, called again after retryable errors.

    Args:
        jitter: Gives a number from 0 to 1, in seconds added to each pause.

    Raises:
        AttemptsExhausted: The last attempt failed, or the error is not retryable.
    """
    attempts: list[Attempt] = []
    while True:
        try:
            return call()
        except NodeError as error:
            number = len(attempts) + 1
            attempts.append(Attempt(attempt=number, error_type=error.error_type, error=error.cause))
            if not error.retryable or number > retries.max_retries:
                raise AttemptsExhausted(error, tuple(attempts)) from error
        sleep(retries.base_delay * 2 ** (number - 1) + jitter())


def _number(value: Json, default: T, kind: Callable[[float], T]) -> T:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        return default
    return kind(value)
