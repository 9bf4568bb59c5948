"""Strategies with regular expressions of at most 500 characters."""

import re

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.operators.call import Strategy, StrategyCall, StrategyError

MAX_PATTERN = 500
MAX_SUBJECT = 100_000
"""Characters of text that a pattern may search, since a slow one slows down with their number."""


def regex_match(call: StrategyCall) -> Json:
    """Whether ``pattern`` is found in the text."""
    return _pattern(call).search(_subject(call)) is not None


def regex_extract(call: StrategyCall) -> Json:
    """``group`` (0) of the first place, or with ``all`` of every place, ``pattern`` is found."""
    group = call.params.get("group", 0)
    if isinstance(group, bool) or not isinstance(group, int | str):
        raise StrategyError("the parameter group is neither a number nor a name")
    pattern = _pattern(call)
    try:
        found: list[Json] = [match[group] for match in pattern.finditer(_subject(call))]
    except IndexError as error:
        raise StrategyError(f"the pattern has no group {group}") from error
    if call.params.get("all") is True:
        return found
    return found[0] if found else None


def regex_replace(call: StrategyCall) -> Json:
    """The text with every place of ``pattern`` replaced by ``replacement``."""
    try:
        return _pattern(call).sub(call.text_param("replacement", ""), _subject(call))
    except (re.error, IndexError) as error:
        raise StrategyError(f"the replacement does not fit the pattern: {error}") from error


def _pattern(call: StrategyCall) -> re.Pattern[str]:
    text = call.text_param("pattern")
    if len(text) > MAX_PATTERN:
        raise StrategyError(f"the pattern has more than {MAX_PATTERN} characters")
    try:
        return re.compile(text)
    except re.error as error:
        raise StrategyError(f"the pattern is not a regular expression: {error}") from error


def _subject(call: StrategyCall) -> str:
    text = call.text()
    if len(text) > MAX_SUBJECT:
        raise StrategyError(f"the text has more than {MAX_SUBJECT} characters")
    return text


PATTERNS: dict[str, Strategy] = {
    "regex_match": regex_match,
    "regex_extract": regex_extract,
    "regex_replace": regex_replace,
}
