"""Retriers: which errors are retried, how often, after which delay (specification: "Retrying")."""

from dataclasses import dataclass
from enum import StrEnum


class JitterStrategy(StrEnum):
    """Whether the delay before a retry is drawn at random between zero and its value."""

    NONE = "NONE"
    FULL = "FULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    """One element of ``Retry``; the defaults are the specification's.

    Attributes:
        error_equals: Error names it matches.
        interval_seconds: Delay before the first retry, in seconds, at least 1.
        max_attempts: Retries allowed; 0 means never retry.
        backoff_rate: Factor by which the delay grows with each retry, at least 1.0.
        max_delay_seconds: Upper limit of the delay in seconds, or None.
        jitter_strategy: NONE or FULL.
    """

    error_equals: tuple[str, ...]
    interval_seconds: int = 1
    max_attempts: int = 3
    backoff_rate: float = 2.0
    max_delay_seconds: int | None = None
    jitter_strategy: JitterStrategy = JitterStrategy.NONE
