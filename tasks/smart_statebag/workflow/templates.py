"""Templates: ``{{ path }}``, ``{{ path | tojson }}``, ``{% if %}`` (Contract 6.5)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from tasks.smart_statebag.bag.json_value import Json, encode
from tasks.smart_statebag.workflow.expressions import (
    ExpressionSyntaxError,
    is_true,
    parse_expression,
    parse_path,
)
from tasks.smart_statebag.workflow.expressions.syntax import Expression
from tasks.smart_statebag.workflow.state_view import Missing, Path, StateView

STATE_JSON = "__state_json"

_TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
_TO_JSON = re.compile(r"^(?P<path>.*?)\s*\|\s*tojson$", re.DOTALL)


class TemplateSyntaxError(ValueError):
    """The text is not a template; Init rejects the configuration that holds it."""

    def __init__(self, template: str, reason: str) -> None:
        super().__init__(template, reason)
        self.template = template
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason} in the template {self.template[:200]!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """``{{ path }}``, with ``| tojson`` or without."""

    path: Path
    to_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """``{% if expression %}`` with its two sides."""

    condition: Expression
    then: "Template"
    otherwise: "Template"


Template: TypeAlias = tuple[str | Placeholder | Conditional, ...]


@lru_cache(maxsize=512)
def parse_template(text: str) -> Template:
    """The parsed form of a template.

    Raises:
        TemplateSyntaxError: A tag is not one of the three, or an ``if`` is not closed.
    """
    parser = _Parser(text)
    template, closed_by = parser.sequence()
    if closed_by is not None:
        raise TemplateSyntaxError(text, f"{closed_by} without an if")
    return template


def render(text: str, view: StateView) -> str:
    """The text of a template over a state."""
    return _render(parse_template(text), view)


def render_value(value: Json, view: StateView) -> Json:
    """A value with every text in it rendered; a lone placeholder yields the typed value."""
    if isinstance(value, str):
        return _render_typed(value, view)
    if isinstance(value, list):
        return [render_value(element, view) for element in value]
    if isinstance(value, dict):
        return {key: render_value(element, view) for key, element in value.items()}
    return value


def check_template(value: Json) -> None:
    """Parse every text in a value.

    Raises:
        TemplateSyntaxError: One of them is not a template.
    """
    if isinstance(value, str):
        parse_template(value)
    elif isinstance(value, list):
        for element in value:
            check_template(element)
    elif isinstance(value, dict):
        for element in value.values():
            check_template(element)


def _render_typed(text: str, view: StateView) -> Json:
    template = parse_template(text)
    if len(template) == 1 and isinstance(template[0], Placeholder) and not template[0].to_json:
        lone = template[0]
        return _placeholder(lone, view) if lone.path == (STATE_JSON,) else view.get(lone.path)
    return _render(template, view)


def _render(template: Template, view: StateView) -> str:
    parts: list[str] = []
    for part in template:
        match part:
            case str():
                parts.append(part)
            case Placeholder():
                parts.append(_placeholder(part, view))
            case Conditional():
                side = part.then if is_true(part.condition, view) else part.otherwise
                parts.append(_render(side, view))
    return "".join(parts)


def _placeholder(placeholder: Placeholder, view: StateView) -> str:
    if placeholder.path == (STATE_JSON,):
        return encode(view.state).decode()
    found = view.find(placeholder.path)
    if isinstance(found, Missing):
        return ""
    if isinstance(found, str) and not placeholder.to_json:
        return found
    return encode(found).decode()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces = [piece for piece in _TAG.split(text) if piece]
        self._next = 0

    def sequence(self) -> tuple[Template, str | None]:
        """Parts up to the end, or up to the ``else`` or ``endif`` that closes them."""
        parts: list[str | Placeholder | Conditional] = []
        while self._next < len(self._pieces):
            piece = self._pieces[self._next]
            self._next += 1
            if not _TAG.fullmatch(piece):
                parts.append(piece)
                continue
            tag = piece[2:-2].strip()
            if piece.startswith("{{"):
                parts.append(self._placeholder(tag))
            elif tag in {"else", "endif"}:
                return tuple(parts), tag
            else:
                parts.append(self._conditional(tag))
        return tuple(parts), None

    def _placeholder(self, body: str) -> Placeholder:
        filtered = _TO_JSON.match(body)
        try:
            path = parse_path(filtered["path"] if filtered else body)
        except ExpressionSyntaxError as error:
            raise TemplateSyntaxError(self._text, str(error)) from error
        return Placeholder(path=path, to_json=filtered is not None)

    def _conditional(self, tag: str) -> Conditional:
        keyword, _, text = tag.partition(" ")
        if keyword != "if":
            raise TemplateSyntaxError(self._text, f"unknown tag {tag!r}")
        try:
            condition = parse_expression(text.strip())
        except ExpressionSyntaxError as error:
            raise TemplateSyntaxError(self._text, str(error)) from error
        then, closed_by = self.sequence()
        otherwise: Template = ()
        if closed_by == "else":
            otherwise, closed_by = self.sequence()
        if closed_by != "endif":
            raise TemplateSyntaxError(self._text, "an if without endif")
        return Conditional(condition=condition, then=then, otherwise=otherwise)
