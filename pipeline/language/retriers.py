"""Retriers: which errors are retried, how often, after which delay (specification: "Retrying")."""

import math
import random
from dataclasses import dataclass
from enum import StrEnum

from pipeline.language.error_equals import matches, parse_error_equals
from pipeline.language.parsing.object_reader import ObjectReader

_DELAY_LIMIT_SECONDS = 31_622_400
"""MaxDelaySeconds must be less than this (AWS: "MaxDelaySeconds"), and no delay exceeds it."""


class JitterStrategy(StrEnum):
    """Whether the delay before a retry is drawn at random between zero and its value."""

    NONE = "NONE"
    FULL = "FULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    """One element of ``Retry``; the defaults are the specification's.

    Attributes:
        error_equals: The error names that it matches.
        interval_seconds: Delay before the first retry, in seconds, at least 1.
        max_attempts: The maximum number of retries; 0 for none.
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


def find(retry: tuple[Retrier, ...], retries: tuple[int, ...], error: str) -> int | None:
    """The index of the retrier that retries the error; None if none does.

    Only the first matching retrier counts: when its attempts are used up, no later one retries.

    Args:
        retry: The state's retriers.
        retries: How many retries each of them has made; a missing number is zero.
        error: The error name.
    """
    for index, retrier in enumerate(retry):
        if matches(retrier.error_equals, error):
            made = retries[index] if index < len(retries) else 0
            return index if made < retrier.max_attempts else None
    return None


def delay(retrier: Retrier, retries_made: int, random: random.Random) -> float:
    """Seconds to wait before the next retry.

    Args:
        retrier: The retrier that matched.
        retries_made: How many retries it has made before this one.
        random: Source of the jitter.
    """
    limit = retrier.max_delay_seconds or _DELAY_LIMIT_SECONDS
    try:
        grown = retrier.interval_seconds * retrier.backoff_rate**retries_made
    except OverflowError:  # the delay is far beyond every limit
        grown = math.inf
    seconds = min(grown, limit)
    if retrier.jitter_strategy is JitterStrategy.FULL:
        return random.uniform(0, seconds)
    return seconds


def parse_retry(reader: ObjectReader) -> tuple[Retrier, ...]:
    """Parse the ``Retry`` field of a state."""
    elements = reader.objects("Retry")
    return tuple(_parse_retrier(element, is_last=element is elements[-1]) for element in elements)


def _parse_retrier(reader: ObjectReader, *, is_last: bool) -> Retrier:
    error_equals = parse_error_equals(reader, is_last=is_last)
    interval_seconds = reader.integer("IntervalSeconds", minimum=1)
    max_attempts = reader.integer("MaxAttempts", minimum=0)
    backoff_rate = reader.number("BackoffRate", minimum=1.0)
    jitter_strategy = reader.one_of("JitterStrategy", tuple(JitterStrategy))
    reader.text("Comment")
    retrier = Retrier(
        error_equals=error_equals,
        interval_seconds=1 if interval_seconds is None else interval_seconds,
        max_attempts=3 if max_attempts is None else max_attempts,
        backoff_rate=2.0 if backoff_rate is None else backoff_rate,
        max_delay_seconds=_parse_max_delay_seconds(reader, interval_seconds or 1),
        jitter_strategy=JitterStrategy(jitter_strategy or JitterStrategy.NONE),
    )
    reader.reject_unknown_fields("a retrier")
    return retrier


def _parse_max_delay_seconds(reader: ObjectReader, interval_seconds: int) -> int | None:
    seconds = reader.integer("MaxDelaySeconds", minimum=1, maximum=_DELAY_LIMIT_SECONDS - 1)
    if seconds is not None and seconds <= interval_seconds:
        reader.problem(
            f"'MaxDelaySeconds' must be greater than 'IntervalSeconds', which is"
            f" {interval_seconds}, not {seconds}",
            "MaxDelaySeconds",
        )
    return seconds
