"""The tokens of an intrinsic invocation: names, strings, numbers and the extent of a path."""

import math
import re

from pipeline.language.errors import InvalidExpression

_NAME = re.compile(r"\s*([A-Za-z0-9_.]+)\s*\(")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?(?![^\s,)])")
_WORD = re.compile(r"(null|true|false)(?![^\s,)])")
_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPACES = re.compile(r"\s*")
_IN_A_PATH = re.compile(r"""\\.|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[\[\](),]""", re.DOTALL)

WORDS: dict[str, bool | None] = {"null": None, "true": True, "false": False}


class Tokens:
    """A cursor over the text of an intrinsic invocation."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def error(self, reason: str) -> InvalidExpression:
        """The error that the text is not an intrinsic invocation, with a reason."""
        return InvalidExpression(f"'{self.text}' is not a valid intrinsic function call: {reason}")

    def function_name(self) -> str:
        """Take the name before an opening parenthesis, and the parenthesis."""
        name = self._take(_NAME)
        if name is None:
            raise self.error(f"a function call is expected at position {self.position}")
        return name[1]

    def skip(self, character: str) -> bool:
        """Take the character and the white space around it, if it is next."""
        self._take(_SPACES)
        if not self.text.startswith(character, self.position):
            return False
        self.position += 1
        self._take(_SPACES)
        return True

    def at(self, character: str) -> bool:
        """Whether the character is next."""
        return self.text.startswith(character, self.position)

    def at_end(self) -> bool:
        """Whether only white space is left."""
        self._take(_SPACES)
        return self.position == len(self.text)

    def number(self) -> int | float | None:
        """Take the next number, if there is one."""
        match = self._take(_NUMBER)
        if match is None:
            return None
        try:
            number = float(match[0]) if match[1] or match[2] else int(match[0])
        except ValueError:  # more digits than Python converts
            number = math.inf
        if not math.isfinite(number):
            raise self.error("it holds a number that is out of range")
        return number

    def word(self) -> str | None:
        """Take ``null``, ``true`` or ``false``, if it is next."""
        match = self._take(_WORD)
        return match and match[1]

    def string(self) -> str:
        r"""Take the next single-quoted string. Checks its escapes, and leaves them in."""
        match = self._take(_STRING)
        if match is None:
            raise self.error(f"the string at position {self.position} is not closed")
        if any(escape[1] not in "'{}\\" for escape in _ESCAPE.finditer(match[1])):
            raise self.error("it holds an open escape backslash")
        return match[1]

    def path(self) -> str:
        """Take the next path, up to the comma or parenthesis that ends the argument."""
        start, depth = self.position, 0
        for match in _IN_A_PATH.finditer(self.text, start):
            if depth == 0 and match[0] in ",)":
                self.position = match.start()
                return self.text[start : self.position].rstrip()
            depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(match[0], 0)
        raise self.error("a closing parenthesis is missing")

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.position)
        if match:
            self.position = match.end()
        return match


def unescape(text: str) -> str:
    """A string token's value."""
    return _ESCAPE.sub(r"\1", text)
