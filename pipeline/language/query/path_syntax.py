r"""The syntax of paths: definite steps, which this package follows, and the rest.

Specification: "Paths", "Reference Paths". Dot names may contain any character without a meaning in
paths; ``\`` before a character removes its meaning, and ``\uXXXX`` is a UTF-16 code unit.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from pipeline.language.errors import InvalidExpression
from pipeline.language.json_value import Json

Step: TypeAlias = str | int
"""A field name, or an index into an array (negative from its end)."""

_NAME = r"(?:[^\s.\\\[\](){},:;?*@'\"=<>!|]|\\.)+"
_DOT_NAME = re.compile(rf"\.({_NAME})", re.DOTALL)
_BRACKET_NAME = re.compile(r"""\[\s*(['"])((?:(?!\1)[^\\]|\\.)*)\1\s*\]""", re.DOTALL)
_QUOTED = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_MEMBERS = re.compile(rf"\[\s*{_QUOTED}(?:\s*,\s*{_QUOTED})+\s*\]", re.DOTALL)
_QUOTED_NAME = re.compile(_QUOTED, re.DOTALL)
_INDEX = re.compile(r"\[\s*(-?[0-9]{1,15})\s*\]")
_FROM_END = re.compile(r"\[\s*\(\s*@\.length\s*-\s*([1-9][0-9]{0,14})\s*\)\s*\]")
_DESCENT_NAME = re.compile(rf"\.\.({_NAME})", re.DOTALL)
_WILDCARD = re.compile(r"\.\*|\[\s*\*\s*\]")
_SELECTION = re.compile(r"""\[\s*[-0-9:'"?]""")  # indices, slices, names or a filter
_BARE_WORD = re.compile(
    rf"({_QUOTED})|([=!<>]=?\s*)(?!(?:true|false|null|nil|undefined)\b)([A-Za-z_][\w-]*)(?![\w(.\[])"
)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)", re.DOTALL)
_OPENING_OR_CLOSING = re.compile(rf"{_QUOTED}|[\[\]]", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathSyntax:
    """A path after its root.

    Attributes:
        steps: The definite steps at its beginning.
        rest: The segments from the first operator that may match several nodes, in the syntax of
            the JSONPath library; empty for a definite path.
        members: The names at its end, as in ``['a','b']``: each object that the rest finds is
            reduced to these fields. Empty for any other end.
        counts: Whether the path ends in ``.length()``.
    """

    steps: tuple[Step, ...]
    rest: tuple[str, ...]
    members: tuple[str, ...] = ()
    counts: bool = False

    @property
    def is_definite(self) -> bool:
        """Whether it names one node, and yields the node's value."""
        return not self.rest and not self.members


def parse_path_syntax(text: str, start: int) -> PathSyntax:
    """Parse ``text`` from the position behind its root.

    Raises:
        InvalidExpression: It is not a path; the message names the text and the position.
    """
    steps, position = _scan_steps(text, start)
    if text[position:] == ".length()":
        return PathSyntax(steps=steps, rest=(), counts=True)
    rest: list[str] = []
    while position < len(text):
        if members := _scan_members(text, position):
            return PathSyntax(steps=steps, rest=tuple(rest), members=members)
        segment, position = _scan_segment(text, position)
        rest.append(segment)
    return PathSyntax(steps=steps, rest=tuple(rest))


def walk(document: Json, steps: tuple[Step, ...]) -> Json:
    """Follow definite steps. Every state does this several times, so the loop is kept small.

    Raises:
        LookupError: A step finds nothing.
    """
    node: Any = document
    try:
        for step in steps:
            if node.__class__ is str:  # Python would index its characters
                raise LookupError(step)
            node = node[step]
    except TypeError as error:  # a scalar, or a field of an array
        raise LookupError(step) from error
    found: Json = node
    return found


def library_text(step: Step) -> str:
    """A step in the syntax of the JSONPath library."""
    return f"[{json.dumps(step)}]"


def _scan_steps(text: str, position: int) -> tuple[tuple[Step, ...], int]:
    steps: list[Step] = []
    while (scanned := _scan_step(text, position)) is not None:
        step, position = scanned
        steps.append(step)
    return tuple(steps), position


def _scan_step(text: str, position: int) -> tuple[Step, int] | None:
    if text.startswith(".[", position):  # Jayway takes the dot, and so does AWS
        position += 1
    if (match := _DOT_NAME.match(text, position)) and text[match.end() :] != "()":
        return _unescape(match[1]), match.end()
    if match := _BRACKET_NAME.match(text, position):
        return _unescape(match[2]), match.end()
    if match := _INDEX.match(text, position):
        return int(match[1]), match.end()
    if match := _FROM_END.match(text, position):
        return -int(match[1]), match.end()
    return None


def _scan_members(text: str, position: int) -> tuple[str, ...]:
    """The names in the last brackets of a path; empty for any other end."""
    match = _MEMBERS.match(text, position)
    if match is None or match.end() < len(text):
        return ()
    return tuple(_unescape(quoted[1:-1]) for quoted in _QUOTED_NAME.findall(match[0]))


def _scan_segment(text: str, position: int) -> tuple[str, int]:
    if (scanned := _scan_step(text, position)) is not None:
        return library_text(scanned[0]), scanned[1]
    start = position + text.startswith(".[", position)
    if match := _WILDCARD.match(text, start):
        return "[*]", match.end()
    if match := _DESCENT_NAME.match(text, position):
        return f"..{library_text(_unescape(match[1]))}", match.end()
    if text.startswith("..*", position):
        return "..[*]", position + 3
    if text.startswith("..[", position):
        segment, end = _scan_segment(text, position + 2)
        return f"..{segment}", end
    if _SELECTION.match(text, start):
        end = _bracket_end(text, start)
        return _with_quotes(text[start:end]), end
    raise malformed(text, position)


def _with_quotes(selection: str) -> str:
    """A filter whose comparisons with bare words are comparisons with texts."""
    return _BARE_WORD.sub(lambda match: match[1] or f"{match[2]}'{match[3]}'", selection)


def _bracket_end(text: str, start: int) -> int:
    depth = 0
    for match in _OPENING_OR_CLOSING.finditer(text, start):
        depth += {"[": 1, "]": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    raise malformed(text, start)


def malformed(text: str, position: int) -> InvalidExpression:
    """The error of a path that cannot be parsed from a position on."""
    return InvalidExpression(
        f"'{text}' is not a valid path: unexpected '{text[position:]}' at position {position}"
        if position < len(text)
        else f"'{text}' is not a valid path: it ends too early"
    )


def _unescape(name: str) -> str:
    if "\\" not in name:
        return name
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else match[2], name)
    # Two escaped code units may be the halves of one character.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
