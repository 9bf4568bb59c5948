"""JSONata's string functions that take a regular expression.

They replace the library's, which differ from the reference in captured groups, in limits and in
``$`` within a replacement. An undefined argument is None.
"""

from collections.abc import Iterator
from itertools import islice
from math import ceil, floor
from typing import Any

from jsonata.functions import Functions
from jsonata.utils import Utils

from pipeline.language.query.jsonata_bounds import MAX_VALUES
from pipeline.language.query.jsonata_failure import SEQUENCE_TOO_LONG, failure
from pipeline.language.query.jsonata_regex import Pattern


def contains(text: str | None, token: Any) -> bool | None:
    """``$contains``."""
    if text is None:
        return None
    return token in text if isinstance(token, str) else _pattern(token).search(text) is not None


def match(text: str | None, pattern: Any, limit: float | None) -> Any:
    """``$match``: the matches as objects."""
    if text is None:
        return None
    if limit is not None and limit < 0:
        raise failure("D3040", limit)
    found = islice(_pattern(pattern).finditer(text), None if limit is None else ceil(limit))
    return Utils.create_sequence_from_iter(
        {"match": one[0], "index": one.start(), "groups": list(one.groups())} for one in found
    )


def first_match(text: str, pattern: Pattern) -> dict[str, Any] | None:
    """The result of a pattern that is called as a function."""
    found = pattern.search(text)
    return None if found is None else _match_object(found)


def split(text: str | None, separator: Any, limit: float | None) -> list[str] | None:
    """``$split``."""
    if text is None:
        return None
    if limit is not None and limit < 0:
        raise failure("D3020", limit)
    if isinstance(separator, str):
        pieces = list(text) if separator == "" else text.split(separator)
        return pieces if limit is None else pieces[: floor(limit)]
    return list(islice(_pieces(text, _pattern(separator)), None if limit is None else ceil(limit)))


def _pieces(text: str, pattern: Pattern) -> Iterator[str]:
    start = 0
    for found in pattern.finditer(text):
        yield text[start : found.start()]
        start = found.end()
    yield text[start:]


def replace(text: str | None, pattern: Any, replacement: Any, limit: float | None) -> str | None:
    """``$replace``: a string by a string; a pattern also by the result of a function."""
    if text is None:
        return None
    if pattern == "":
        raise failure("D3010")
    if limit is not None and limit < 0:
        raise failure("D3011")
    most = None if limit is None else ceil(limit)
    if isinstance(pattern, str):
        return _replaced_text(text, pattern, replacement, most)
    parts: list[str] = []
    start = length = 0
    for found in islice(_pattern(pattern).finditer(text), most):
        parts += [text[start : found.start()], _substitute(found, replacement)]
        start = found.end()
        length += len(parts[-1])
        if length > MAX_VALUES:
            raise failure(SEQUENCE_TOO_LONG, MAX_VALUES)
    return "".join(parts) + text[start:]


def _replaced_text(text: str, old: str, new: Any, most: int | None) -> str:
    if not isinstance(new, str):
        raise failure("D3012")
    count = text.count(old) if most is None else min(most, text.count(old))
    if count * len(new) > MAX_VALUES:
        raise failure(SEQUENCE_TOO_LONG, MAX_VALUES)
    return text.replace(old, new, count)


def _substitute(found: Any, replacement: Any) -> str:
    if isinstance(replacement, str):
        return "".join(_expanded(replacement, found))
    result = Functions.func_apply(replacement, [_match_object(found)])
    if not isinstance(result, str):
        raise failure("D3012")
    return result


def _match_object(found: Any) -> dict[str, Any]:
    return {
        "match": found[0],
        "start": found.start(),
        "end": found.end(),
        "groups": list(found.groups()),
    }


def _expanded(replacement: str, found: Any) -> Iterator[str]:
    """Expand a replacement: ``$$`` is a dollar, ``$0`` the match and ``$1`` a group."""
    literal, *marked = replacement.split("$")
    yield literal
    pending = iter(marked)
    for text in pending:
        if text == "":  # a second dollar, or the end
            yield "$" + next(pending, "")
        elif text[0] == "0":
            yield found[0] + text[1:]
        else:
            yield _group(text, found.groups())


def _group(text: str, groups: tuple[str | None, ...]) -> str:
    """The group whose number ``text`` begins with, followed by the rest of the text."""
    digits = text[: len(str(len(groups)))]
    while digits and not (digits.isascii() and digits.isdecimal()):
        digits = digits[:-1]
    if not digits:
        return "$" + text
    if len(digits) > 1 and int(digits) > len(groups):
        digits = digits[:-1]
    number = int(digits)
    group = groups[number - 1] if 0 < number <= len(groups) else None
    return (group or "") + text[len(digits) :]


def _pattern(value: Any) -> Pattern:
    if not isinstance(value, Pattern):
        raise failure("T1010")
    return value
