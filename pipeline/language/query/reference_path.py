"""Reference paths, which name exactly one node (specification: "Reference Paths")."""

from dataclasses import dataclass

from pipeline.language.errors import (
    RESULT_PATH_MATCH_FAILURE,
    ExecutionError,
    InvalidExpression,
    PathNotFound,
)
from pipeline.language.json_value import Json, dumps
from pipeline.language.query.path_syntax import Step, malformed, parse_path_syntax, walk


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePath:
    """A parsed reference path.

    Attributes:
        text: As written.
        steps: Field names and non-negative indices from the root.
    """

    text: str
    steps: tuple[Step, ...]

    def get(self, document: Json) -> Json:
        """The value at this path.

        Raises:
            PathNotFound: There is none.
        """
        try:
            return walk(document, self.steps)
        except LookupError:
            raise PathNotFound(self.text, document) from None

    def put(self, document: Json, value: Json) -> Json:
        """A copy of the document with ``value`` at this path (specification: "ResultPath").

        Creates missing objects on the path. The copy shares everything outside the path.

        Raises:
            ExecutionError: States.ResultPathMatchFailure, if a step meets a value that is not an
                object, or an array without that index.
        """
        try:
            return _put(document, self.steps, value)
        except LookupError:
            raise ExecutionError(
                RESULT_PATH_MATCH_FAILURE,
                f"Unable to apply ReferencePath {self.text} to input {dumps(document)}",
            ) from None


def parse_reference_path(text: str) -> ReferencePath:
    """Parse ``$``, dot names, bracket names and non-negative indices.

    Raises:
        InvalidExpression: It is not a reference path.
    """
    if not text.startswith("$"):
        raise InvalidExpression(f"'{text}' is not a Reference Path: it must begin with '$'")
    if text[1:2] not in ("", ".", "["):
        raise malformed(text, 1)
    syntax = parse_path_syntax(text, 1)
    if not syntax.is_definite or syntax.counts or any(_is_negative(step) for step in syntax.steps):
        raise InvalidExpression(
            f"'{text}' is not a Reference Path: it must name exactly one node, by field names and"
            " non-negative indices"
        )
    return ReferencePath(text=text, steps=syntax.steps)


def _is_negative(step: Step) -> bool:
    return isinstance(step, int) and step < 0


def _put(node: Json, steps: tuple[Step, ...], value: Json) -> Json:
    if not steps:
        return value
    step, below = steps[0], steps[1:]
    if isinstance(step, str) and isinstance(node, dict):
        return {**node, step: _put(node.get(step, _made_for(below)), below, value)}
    if isinstance(step, int) and isinstance(node, list) and step < len(node):
        return [*node[:step], _put(node[step], below, value), *node[step + 1 :]]
    raise LookupError(step)


def _made_for(steps: tuple[Step, ...]) -> Json:
    """The replacement of a missing field: an object, unless the value itself goes there."""
    return {} if steps else None
