"""Splitting the text of an expression into tokens."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.expressions.errors import ExpressionSyntaxError

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.]))
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>[^\W\d]\w*)
    | (?P<symbol>==|!=|<=|>=|[<>()\[\],.$])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token of an expression; ``value`` is that of a number or string."""

    kind: str
    text: str
    position: int
    value: Json = None


def tokenise(text: str) -> Iterator[Token]:
    """The tokens of a text, closed by one of kind ``end``."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise ExpressionSyntaxError(text, position, f"unexpected {text[position]!r}")
        if match.lastgroup != "space":
            yield _token(match.lastgroup, match.group(), position)
        position = match.end()
    yield Token(kind="end", text="the end", position=len(text))


def _token(kind: str, text: str, position: int) -> Token:
    if kind == "number":
        return Token(kind=kind, text=text, position=position, value=_number(text))
    if kind == "string":
        return Token(kind=kind, text=text, position=position, value=_unescape(text[1:-1]))
    return Token(kind=kind, text=text, position=position)


def _number(text: str) -> Json:
    number: Json = json.loads(text)
    return number


def _unescape(body: str) -> str:
    return _ESCAPE.sub(_unescape_one, body)


def _unescape_one(match: re.Match[str]) -> str:
    escaped = match.group(1)
    if len(escaped) > 1:
        return chr(int(escaped[1:], 16))
    return _ESCAPED.get(escaped, escaped)
