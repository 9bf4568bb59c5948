"""The suggestion behind a problem that is probably a misspelling."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """``; did you mean 'X'?`` for the candidate closest to the name; an empty text without one.

    Case does not count: ``resultpath`` matches ``ResultPath``.
    """
    by_lower_case = {candidate.lower(): candidate for candidate in sorted(candidates)}
    close = get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.75)
    return f"; did you mean '{by_lower_case[close[0]]}'?" if close else ""
