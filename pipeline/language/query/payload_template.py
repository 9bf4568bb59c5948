"""Payload templates: JSON in which fields ``x.$`` are computed (specification: "Payload Template").

A template is compiled once. Parts without a computed field are shared by all evaluations.
"""

from dataclasses import dataclass
from typing import TypeAlias

from pipeline.language.errors import (
    RUNTIME,
    ExecutionError,
    InvalidExpression,
    PathNotFound,
    Problem,
    UndefinedVariable,
)
from pipeline.language.evaluation import Evaluation
from pipeline.language.json_value import Json, dumps
from pipeline.language.places import below
from pipeline.language.query.intrinsic_functions import IntrinsicCall, parse_intrinsic_call
from pipeline.language.query.json_path import JsonPath, parse_json_path

_COMPUTED = ".$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A part without computed fields."""

    value: Json

    def evaluate(self, _evaluation: Evaluation) -> Json:
        """The value itself, which no code changes."""
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedField:
    """The value of a field ``x.$``; ``field`` is its name as written."""

    field: str
    expression: JsonPath | IntrinsicCall

    def evaluate(self, evaluation: Evaluation) -> Json:
        """The value of the path or the intrinsic function.

        Raises:
            ExecutionError: States.Runtime for a path that finds nothing or an unassigned variable,
                or the error of the function.
        """
        try:
            return self.expression.evaluate(evaluation)
        except UndefinedVariable as error:
            raise ExecutionError(RUNTIME, str(error)) from error
        except PathNotFound as error:
            raise ExecutionError(RUNTIME, self._cause(error)) from error

    def _cause(self, error: PathNotFound) -> str:
        document = dumps(error.document)  # type: ignore[arg-type]  # always the searched JSON
        if isinstance(self.expression, JsonPath):
            return (
                f"The JSONPath '{error.path}' specified for the field '{self.field}' could not be"
                f" found in the input '{document}'"
            )
        return (
            f"The function '{self.expression.text}' had the following error: The JsonPath argument"
            f" for the field '{error.path}' could not be found in the input '{document}'"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateObject:
    """An object with at least one computed field in or below it."""

    fields: "tuple[tuple[str, Part], ...]"

    def evaluate(self, evaluation: Evaluation) -> Json:
        """The object with its computed fields under their plain names."""
        return {name: part.evaluate(evaluation) for name, part in self.fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateArray:
    """An array with at least one computed field below it."""

    items: "tuple[Part, ...]"

    def evaluate(self, evaluation: Evaluation) -> Json:
        """The array with its items evaluated."""
        return [item.evaluate(evaluation) for item in self.items]


Part: TypeAlias = Fixed | ComputedField | TemplateObject | TemplateArray


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadTemplate:
    """A compiled payload template."""

    root: Part

    def evaluate(self, evaluation: Evaluation) -> Json:
        """The payload.

        Raises:
            ExecutionError: States.IntrinsicFailure or States.Runtime.
        """
        return self.root.evaluate(evaluation)


def parse_payload_template(value: Json, place: str, problems: list[Problem]) -> PayloadTemplate:
    """Compile a template.

    Args:
        value: The template, of any JSON type.
        place: Its JSON pointer in the definition.
        problems: Gets one problem for each bad computed field.
    """
    return PayloadTemplate(root=_compile(value, place, problems))


def _compile(value: Json, place: str, problems: list[Problem]) -> Part:
    if isinstance(value, dict):
        return _compile_object(value, place, problems)
    if isinstance(value, list):
        items = tuple(
            _compile(item, below(place, index), problems) for index, item in enumerate(value)
        )
        if all(isinstance(item, Fixed) for item in items):
            return Fixed(value=value)
        return TemplateArray(items=items)
    return Fixed(value=value)


def _compile_object(value: dict[str, Json], place: str, problems: list[Problem]) -> Part:
    fields: list[tuple[str, Part]] = []
    for name, content in value.items():
        field_place = below(place, name)
        plain = name.removesuffix(_COMPUTED)
        if plain == name:
            fields.append((name, _compile(content, field_place, problems)))
            continue
        if plain in value:
            message = f"The field '{plain}' is given twice, as '{plain}' and as '{name}'"
            problems.append(Problem(field_place, message))
        fields.append((plain, _compile_computed(name, content, field_place, problems)))
    if all(isinstance(part, Fixed) for _, part in fields):
        return Fixed(value=value)
    return TemplateObject(fields=tuple(fields))


def _compile_computed(name: str, content: Json, place: str, problems: list[Problem]) -> Part:
    expected = (
        f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function"
        " call"
    )
    if not isinstance(content, str):
        problems.append(Problem(place, expected))
        return Fixed(value=None)
    parse = parse_json_path if content.startswith("$") else parse_intrinsic_call
    try:
        return ComputedField(field=name, expression=parse(content))
    except InvalidExpression as error:
        problems.append(Problem(place, f"{expected}: {error}"))
        return Fixed(value=None)
