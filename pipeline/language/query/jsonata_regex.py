"""Regular expressions of JSONata: JavaScript's, matched within a time limit.

They run on the ``regex`` library, which stops a match that takes too long: a pattern that
backtracks for hours must not hold a worker. The clock is the library's own, and nothing but that
failure depends on it.
"""

from collections.abc import Iterator
from typing import Any

import regex
from jsonata.jexception import JException
from jsonata.regex_engine import RegexFlags

from pipeline.language.query.jsonata_failure import failure

MATCH_SECONDS = 1.0
"""Longest time for the matches of one pattern in one text."""

_TOKEN = regex.compile(
    r"(?s)(?P<escape>\\.)|(?P<members>\[(?:\\.|[^\]\\])*\])|(?P<end>\$)|(?P<any>\.)"
)
_ESCAPE = regex.compile(r"(?s)\\(.)")
_ESCAPED_LETTERS = frozenset("bBdDsSwWnrtfvxuc")
_ANY = r"[^\n\r\u2028\u2029]"


class Pattern:
    """A compiled pattern, in the shape by which the library knows one."""

    def __init__(self, source: str, flags: RegexFlags) -> None:
        options = regex.VERSION0 | regex.ASCII
        options |= regex.IGNORECASE if flags.case_insensitive else 0
        options |= regex.MULTILINE if flags.multiline else 0
        self._source = source
        try:
            self._compiled = regex.compile(_python_syntax(source, flags.multiline), options)
        except regex.error as error:
            raise JException(f"Invalid regular expression: /{source}/: {error.msg}") from error

    def finditer(self, text: str) -> Iterator[Any]:
        """The matches.

        Raises:
            JException: A match after the first is empty, or matching takes too long.
        """
        try:
            for index, match in enumerate(self._compiled.finditer(text, timeout=MATCH_SECONDS)):
                if index and not match[0]:
                    raise failure("D1004")
                yield match
                if match.end() >= len(text):
                    return
        except TimeoutError as error:
            raise JException(f"Matching /{self._source}/ took too long") from error

    def search(self, text: str) -> Any:
        """The first match, or None."""
        return next(self.finditer(text), None)

    # The library takes for a regular expression what has these two as well. The functions that
    # would call them are replaced by those of jsonata_matching.

    def sub(self, *_: object) -> str:
        """Not called."""
        raise AssertionError("jsonata_matching replaces what would call this")

    def split(self, *_: object) -> list[str]:
        """Not called."""
        raise AssertionError("jsonata_matching replaces what would call this")


def _python_syntax(source: str, multiline: bool) -> str:
    """Rewrites what means something else in Python.

    ``$`` is the very end, ``.`` excludes all of JavaScript's line ends, and a letter whose escape
    has no meaning is that letter.
    """

    def rewritten(token: Any) -> str:
        text: str = token[0]
        match token.lastgroup:
            case "escape":
                return _escape(text)
            case "members":
                return _members(text)
            case "end":
                return text if multiline else r"\Z"
            case _:
                return _ANY

    return str(_TOKEN.sub(rewritten, source))


def _escape(text: str) -> str:
    letter = text[1]
    if letter == "k":  # a named group again
        return r"\g"
    if letter.isascii() and letter.isalpha() and letter not in _ESCAPED_LETTERS:
        return letter
    return text


def _members(text: str) -> str:
    if text == "[]":
        return "(?!)"
    if text == "[^]":
        return r"[\s\S]"
    return str(_ESCAPE.sub(lambda found: _escape(found[0]), text))
