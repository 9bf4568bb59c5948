"""JSONata's regular expressions, which are JavaScript's, matched within a time limit.

The ``regex`` library matches them, because it can stop a match that takes too long: a pattern that
backtracks for hours must not block a worker. The library has a clock of its own, which affects only
this failure.
"""

from collections.abc import Iterator
from typing import Any

import regex
from jsonata.jexception import JException
from jsonata.regex_engine import RegexFlags

from pipeline.language.query.jsonata_failure import failure

MATCH_SECONDS = 1.0
"""The time limit of the matches of one pattern in one text, in seconds."""

_TOKEN = regex.compile(
    r"(?s)(?P<escape>\\.)|(?P<members>\[(?:\\.|[^\]\\])*\])|(?P<end>\$)|(?P<any>\.)"
)
_ESCAPE = regex.compile(r"(?s)\\(.)")
_ESCAPED_LETTERS = frozenset("bBdDsSwWnrtfvxuc")
_ANY = r"[^\n\r\u2028\u2029]"


class Pattern:
    """A compiled pattern, in the form that the library recognises."""

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

    # The library recognises a regular expression by these two methods, too. jsonata_matching
    # replaces the functions that would call them.

    def sub(self, *_: object) -> str:
        """Not called."""
        raise AssertionError("jsonata_matching replaces what would call this")

    def split(self, *_: object) -> list[str]:
        """Not called."""
        raise AssertionError("jsonata_matching replaces what would call this")


def _python_syntax(source: str, multiline: bool) -> str:
    """Rewrite the parts that have another meaning in Python.

    ``$`` matches only the very end, ``.`` excludes all of JavaScript's line ends, and an escaped
    letter without a meaning stands for itself.
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
    if letter == "k":  # a reference to a named group
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
