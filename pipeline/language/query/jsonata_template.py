"""JSON in which strings wholly wrapped in ``{% %}`` are JSONata expressions.

AWS: "Transforming data with JSONata". Arguments, Output, Assign and every other field that takes
expressions are such templates. Parts without an expression are shared by all evaluations.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.language.errors import (
    QUERY_EVALUATION_ERROR,
    ExecutionError,
    InvalidExpression,
    Problem,
)
from pipeline.language.json_value import Json, dumps
from pipeline.language.places import below
from pipeline.language.query.jsonata import (
    ExpressionFailed,
    JsonataEvaluation,
    JsonataExpression,
    Undefined,
    UnsupportedResult,
    is_badly_marked,
    is_jsonata,
    parse_jsonata,
    unwrap,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A part without an expression."""

    value: Json

    def evaluate(self, _evaluation: JsonataEvaluation, _field: str) -> Json:
        """The value itself, which no code changes."""
        return self.value

    def expressions(self) -> Iterator[JsonataExpression]:
        """None."""
        return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A string that is an expression."""

    expression: JsonataExpression

    def evaluate(self, evaluation: JsonataEvaluation, field: str) -> Json:
        """The value of the expression.

        Args:
            evaluation: The data.
            field: Its place in the state: ``Output/order/id``.

        Raises:
            ExecutionError: States.QueryEvaluationError, if it fails or returns nothing.
        """
        try:
            value = self.expression.evaluate(evaluation)
        except UnsupportedResult as error:
            raise self._failure(field, "returned an unsupported result type.") from error
        except ExpressionFailed as error:
            why = f"threw an error during evaluation. {error.message}"
            raise self._failure(field, why) from error
        if isinstance(value, Undefined):
            raise self._failure(field, "returned nothing (undefined).")
        return value

    def evaluate_typed(self, evaluation: JsonataEvaluation, field: str, expected: str) -> Json:
        """The value of the expression, which must have a type.

        Raises:
            ExecutionError: States.QueryEvaluationError.
        """
        value = self.evaluate(evaluation, field)
        actual = type_name(value)
        if actual != expected:
            raise self._failure(
                field,
                "returned an unexpected result type."
                f" Expected '{expected}', but was '{actual}' for value: {dumps(value)}",
            )
        return value

    def expressions(self) -> Iterator[JsonataExpression]:
        """The one expression."""
        yield self.expression

    def _failure(self, field: str, why: str) -> ExecutionError:
        return ExecutionError(
            QUERY_EVALUATION_ERROR,
            f"The JSONata expression '{self.expression.text}' specified for the field '{field}'"
            f" {why}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateObject:
    """An object with an expression in or below it."""

    fields: "tuple[tuple[str, Part], ...]"

    def evaluate(self, evaluation: JsonataEvaluation, field: str) -> Json:
        """The object with its expressions evaluated."""
        return {name: part.evaluate(evaluation, f"{field}/{name}") for name, part in self.fields}

    def expressions(self) -> Iterator[JsonataExpression]:
        """The expressions of its fields."""
        for _, part in self.fields:
            yield from part.expressions()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateArray:
    """An array with an expression below it."""

    items: "tuple[Part, ...]"

    def evaluate(self, evaluation: JsonataEvaluation, field: str) -> Json:
        """The array with its expressions evaluated."""
        return [
            item.evaluate(evaluation, f"{field}[{index}]") for index, item in enumerate(self.items)
        ]

    def expressions(self) -> Iterator[JsonataExpression]:
        """The expressions of its items."""
        for item in self.items:
            yield from item.expressions()


Part: TypeAlias = Fixed | Computed | TemplateObject | TemplateArray


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonataTemplate:
    """A parsed template."""

    root: Part

    def evaluate(self, evaluation: JsonataEvaluation, field: str) -> Json:
        """The value.

        Args:
            evaluation: The data.
            field: The name of the field, for error messages.

        Raises:
            ExecutionError: States.QueryEvaluationError.
        """
        return self.root.evaluate(evaluation, field)

    def evaluate_typed(self, evaluation: JsonataEvaluation, field: str, expected: str) -> Json:
        """The value of a field that requires a type.

        Args:
            evaluation: The data.
            field: The name of the field, for error messages.
            expected: A JSON type, by the name that ``$type`` gives it: ``number``, ``array``, ...

        Raises:
            ExecutionError: States.QueryEvaluationError.
        """
        if isinstance(self.root, Computed):
            return self.root.evaluate_typed(evaluation, field, expected)
        return self.root.evaluate(evaluation, field)

    def reads(self, states_field: str) -> bool:
        """Whether an expression names ``$states.<states_field>`` itself."""
        return any(
            expression.references.reads(states_field) for expression in self.root.expressions()
        )


def type_name(value: Json) -> str:
    """The type of a value, by the name that ``$type`` gives it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def parse_jsonata_template(value: Json, place: str, problems: list[Problem]) -> JsonataTemplate:
    """Parse a template.

    Args:
        value: The template, of any JSON type.
        place: Its JSON pointer in the definition.
        problems: Gets one problem for each bad expression.
    """
    return JsonataTemplate(root=_parse(value, place, problems))


def _parse(value: Json, place: str, problems: list[Problem]) -> Part:
    match value:
        case str() if is_jsonata(value):
            return _parse_expression(value, place, problems)
        case str() if is_badly_marked(value):
            message = "A JSONata expression must begin with '{%' and end with '%}'"
            problems.append(Problem(place, message))
            return Fixed(value=value)
        case dict():
            fields = tuple(
                (name, _parse(member, below(place, name), problems))
                for name, member in value.items()
            )
            plain = all(isinstance(part, Fixed) for _, part in fields)
            return Fixed(value=value) if plain else TemplateObject(fields=fields)
        case list():
            items = tuple(
                _parse(item, below(place, index), problems) for index, item in enumerate(value)
            )
            plain = all(isinstance(item, Fixed) for item in items)
            return Fixed(value=value) if plain else TemplateArray(items=items)
        case _:
            return Fixed(value=value)


def _parse_expression(text: str, place: str, problems: list[Problem]) -> Part:
    try:
        return Computed(expression=parse_jsonata(unwrap(text)))
    except InvalidExpression as error:
        problems.append(Problem(place, f"The JSONata expression is not valid: {error}"))
        return Fixed(value=None)
