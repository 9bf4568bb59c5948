"""Paths: JSONPath expressions on the input, the context object or a variable.

Specification: "Paths".

A definite path yields one value. A path with a wildcard, slice, union, filter or recursive descent
yields an array of its matches, which may be empty; the JSONPath library evaluates such paths. A
path that ends in several names (``$.order['id','price']``) yields an object of these fields, as in
Jayway JsonPath, which AWS uses.
"""

import re
from dataclasses import dataclass, field

from jsonpath import CompoundJSONPath, JSONPath, JSONPathEnvironment, JSONPathError

from pipeline.language.errors import (
    RUNTIME,
    ExecutionError,
    InvalidExpression,
    PathNotFound,
    UndefinedVariable,
)
from pipeline.language.evaluation import Evaluation
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.query.path_syntax import (
    PathSyntax,
    Step,
    library_text,
    malformed,
    parse_path_syntax,
    walk,
)
from pipeline.language.variables import problem_of_name

_LIBRARY = JSONPathEnvironment()
_VARIABLE = re.compile(r"\$([^\s.\[$]+)")
_ON_ARRAYS_ONLY = re.compile(r"\[\s*[-0-9:]")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonPath:
    """A parsed path.

    Attributes:
        text: As written.
        on_context: Whether it reads the context object (``$$``) instead of the input.
        variable: The name of the variable that it reads instead, or None.
        steps: The definite steps at its beginning; the whole path if ``query`` is None.
        query: The whole path for the library, if it may match several nodes; or None.
        members: Names of the fields that it selects from each match; empty for the whole match.
        arrays_only: Whether a slice or a union of indices follows the steps.
        counts: Whether it ends in ``.length()``.
    """

    text: str
    on_context: bool
    steps: tuple[Step, ...]
    variable: str | None = None
    query: JSONPath | CompoundJSONPath | None = field(default=None, compare=False, repr=False)
    members: tuple[str, ...] = ()
    arrays_only: bool = False
    counts: bool = False

    @property
    def is_definite(self) -> bool:
        """Whether it names one node, and yields the node's value."""
        return self.query is None and not self.members

    def evaluate(self, evaluation: Evaluation) -> Json:
        """The value at a definite path, or the array of all matches of an indefinite one.

        Raises:
            PathNotFound: A definite path finds nothing.
            UndefinedVariable: No state has assigned its variable.
            ExecutionError: States.Runtime, if the document is nested too deeply for the search.
        """
        document = evaluation.context if self.on_context else evaluation.input
        if self.variable is not None:
            document = self._value_of(self.variable, evaluation)
        try:
            found = walk(document, self.steps)
        except LookupError:
            if self.query is not None:
                return []
            raise PathNotFound(self.text, document) from None
        if self.query is not None:
            matches = self._search(document, found)
            if not self.members:
                return matches
            return [self._picked(match) for match in matches if isinstance(match, dict)]
        if self.members:
            return self._pick(document, found)
        return self._count(document, found) if self.counts else found

    def _pick(self, document: Json, found: Json) -> Json:
        if not isinstance(found, dict):
            raise PathNotFound(self.text, document)
        return self._picked(found)

    def _picked(self, found: JsonObject) -> Json:
        return {name: found[name] for name in self.members if name in found}

    def _value_of(self, variable: str, evaluation: Evaluation) -> Json:
        if variable not in evaluation.variables:
            raise UndefinedVariable(self.text, variable)
        return evaluation.variables[variable]

    def _search(self, document: Json, found: Json) -> list[Json]:
        if self.query is None or (self.arrays_only and not isinstance(found, list)):
            return []
        if not isinstance(document, list | dict):
            return []  # the library would take a string for JSON text and parse it
        try:
            matches: list[Json] = self.query.findall(document)  # type: ignore[assignment]
        except JSONPathError as error:
            raise ExecutionError(
                RUNTIME, f"The path '{self.text}' could not be evaluated: {error}"
            ) from error
        return matches

    def _count(self, document: Json, found: Json) -> Json:
        if not isinstance(found, list | dict | str):
            raise PathNotFound(self.text, document)
        return len(found)


def parse_json_path(text: str) -> JsonPath:
    """Parse a path that begins with ``$`` (the input), ``$$`` (the context object) or ``$name``.

    Raises:
        InvalidExpression: It is not a path, or the name of its variable is not allowed.
    """
    if not text.startswith("$"):
        raise InvalidExpression(f"'{text}' is not a valid path: it must begin with '$'")
    on_context = text.startswith("$$")
    start = 2 if on_context else 1
    named = _VARIABLE.match(text)
    if named is not None:
        _check_variable(named[1], text)
        start = named.end()
    if text[start : start + 1] not in ("", ".", "["):
        raise malformed(text, start)
    syntax = parse_path_syntax(text, start)
    return JsonPath(
        text=text,
        on_context=on_context,
        steps=syntax.steps,
        variable=None if named is None else named[1],
        query=_compile(text, syntax) if syntax.rest else None,
        members=syntax.members,
        arrays_only=bool(syntax.rest and _ON_ARRAYS_ONLY.match(syntax.rest[0])),
        counts=syntax.counts,
    )


def parse_definite_path(text: str) -> JsonPath:
    """Parse a path in a field that requires a Reference Path.

    Raises:
        InvalidExpression: It is not a path, or may match more than one node.
    """
    path = parse_json_path(text)
    if not path.is_definite:
        raise InvalidExpression(
            "Value is not a Reference Path: Found a JsonPath with disallowed operators. It is"
            f" '{text}'"
        )
    return path


def _check_variable(name: str, text: str) -> None:
    problem = problem_of_name(name)
    if problem is not None:
        raise InvalidExpression(f"'{text}' is not a valid path: {problem}")


def _compile(text: str, syntax: PathSyntax) -> JSONPath | CompoundJSONPath:
    steps = "".join(map(library_text, syntax.steps))
    try:
        return _LIBRARY.compile("$" + steps + "".join(syntax.rest))
    except (JSONPathError, re.error) as error:  # re.error: from a filter's =~ /pattern/
        reason, *_ = str(error).splitlines()
        raise InvalidExpression(f"'{text}' is not a valid path: {reason}") from error
