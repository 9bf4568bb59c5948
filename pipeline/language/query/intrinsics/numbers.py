"""Intrinsic functions for numbers and unique identifiers."""

import random

from pipeline.language.evaluation import Sources
from pipeline.language.json_value import Json
from pipeline.language.query.intrinsics.arguments import InvalidArgument, rounded

LEAST = -2_147_483_648
GREATEST = 2_147_483_647


def add(left: Json, right: Json) -> Json:
    """States.MathAdd: the sum of two integers."""
    return _integer(left, "first") + _integer(right, "second")


def draw(sources: Sources, start: Json, end: Json, *seed: Json) -> Json:
    """States.MathRandom: an integer from ``start`` inclusive to ``end`` exclusive.

    Args:
        sources: The randomness without a seed.
        start: The least result.
        end: Greater than every result.
        seed: Nothing or one number; the same seed gives the same result.
    """
    least, beyond = _integer(start, "first"), _integer(end, "second")
    if least >= beyond:
        raise InvalidArgument("The first argument must be less than the second")
    if not seed:
        return sources.random.randrange(least, beyond)
    seeded = random.Random(_integer(seed[0], "third"))  # noqa: S311 - repeatable, not secret
    return seeded.randrange(least, beyond)


def uuid(sources: Sources) -> Json:
    """States.UUID: a version 4 UUID."""
    return sources.uuid()


def _integer(value: Json, position: str) -> int:
    number = rounded(value, position)
    if not LEAST <= number <= GREATEST:
        raise InvalidArgument(f"The {position} argument must be between {LEAST} and {GREATEST}")
    return number
