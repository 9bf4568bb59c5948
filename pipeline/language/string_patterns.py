r"""Patterns of StringMatches: ``*`` stands for any characters, ``\*`` and ``\\`` for themselves."""

import re
from dataclasses import dataclass

from pipeline.language.errors import InvalidExpression

_TOKEN = re.compile(r"\\(.?)|(\*)|([^\\*]+)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class StringPattern:
    """A pattern as the literal pieces between its wildcards; at least one, some may be empty."""

    pieces: tuple[str, ...]

    def matches(self, text: str) -> bool:
        """Whether the whole text matches. Takes linear time for any number of wildcards."""
        if len(self.pieces) == 1:
            return text == self.pieces[0]
        first, *inner, last = self.pieces
        position, end = len(first), len(text) - len(last)
        if position > end or not text.startswith(first) or not text.endswith(last):
            return False
        for piece in inner:
            found = text.find(piece, position, end)
            if found < 0:
                return False
            position = found + len(piece)
        return True


def parse_string_pattern(text: str) -> StringPattern:
    """Parse a pattern.

    Raises:
        InvalidExpression: A backslash escapes neither ``*`` nor a backslash.
    """
    pieces = [""]
    for escaped, wildcard, plain in _TOKEN.findall(text):
        if wildcard:
            pieces.append("")
        elif plain:
            pieces[-1] += plain
        elif escaped and escaped in "*\\":
            pieces[-1] += escaped
        else:
            raise InvalidExpression(f"'{text}' holds an open escape backslash")
    return StringPattern(pieces=tuple(pieces))
