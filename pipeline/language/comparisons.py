"""Comparison operators of choice rules (specification: "Choice State", data-test expressions)."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from pipeline.language.errors import (
    RUNTIME,
    ExecutionError,
    InvalidExpression,
    PathNotFound,
    UndefinedVariable,
)
from pipeline.language.evaluation import Evaluation
from pipeline.language.json_value import Json
from pipeline.language.query.json_path import JsonPath, parse_definite_path
from pipeline.language.string_patterns import parse_string_pattern
from pipeline.language.timestamps import parse_nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of values that comparison operators compare.

    Attributes:
        name: Its name in messages: ``string``, ``number``, ...
        convert: Returns the comparable form of a JSON value, or None for a value of another type.
    """

    name: str
    convert: Callable[[Json], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``Variable`` compared with a literal, or with the value at another path.

    Attributes:
        variable: ``Variable``.
        kind: The type that both values must have.
        relation: The relation that must hold between them.
        operand: The literal in its comparable form, or the path of the ``...Path`` operators.
    """

    variable: JsonPath
    kind: Kind
    relation: Callable[[Any, Any], bool]
    operand: Any

    def matches(self, evaluation: Evaluation) -> bool:
        """Whether both values have the type and the relation holds.

        Raises:
            ExecutionError: States.Runtime, if a path finds nothing.
        """
        left = self.kind.convert(_value_at(self.variable, evaluation))
        right = self.operand
        if isinstance(right, JsonPath):
            right = self.kind.convert(_value_at(right, evaluation))
        return left is not None and right is not None and self.relation(left, right)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeTest:
    """``IsString`` and so on: whether the value has a type; negated by ``false``."""

    variable: JsonPath
    test: Callable[[Json], bool]
    expected: bool

    def matches(self, evaluation: Evaluation) -> bool:
        """Whether the test has the expected result.

        Raises:
            ExecutionError: States.Runtime, if Variable finds nothing.
        """
        return self.test(_value_at(self.variable, evaluation)) is self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceTest:
    """``IsPresent``: whether Variable finds a value, which may be null."""

    variable: JsonPath
    expected: bool

    def matches(self, evaluation: Evaluation) -> bool:
        """Whether the value is present, or absent, as expected."""
        try:
            self.variable.evaluate(evaluation)
        except PathNotFound:
            return not self.expected
        return self.expected


DataTest: TypeAlias = Comparison | TypeTest | PresenceTest


def _value_at(path: JsonPath, evaluation: Evaluation) -> Json:
    try:
        return path.evaluate(evaluation)
    except UndefinedVariable as error:
        raise ExecutionError(RUNTIME, str(error)) from error
    except PathNotFound as error:
        raise ExecutionError(
            RUNTIME,
            f"Invalid path '{error.path}': The choice state's condition path references an invalid"
            " value.",
        ) from error


def _string(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Json) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _boolean(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


def _instant(value: Json) -> int | None:
    try:
        return parse_nanoseconds(value) if isinstance(value, str) else None
    except InvalidExpression:
        return None


_STRING = Kind(name="string", convert=_string)
_NUMBER = Kind(name="number", convert=_number)
_BOOLEAN = Kind(name="boolean", convert=_boolean)
_TIMESTAMP = Kind(name="RFC 3339 timestamp", convert=_instant)

_RELATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}

_COMPARED: Mapping[str, tuple[Kind, Callable[[Any, Any], bool]]] = {
    "BooleanEquals": (_BOOLEAN, operator.eq),
    **{f"Numeric{name}": (_NUMBER, relation) for name, relation in _RELATIONS.items()},
    **{f"String{name}": (_STRING, relation) for name, relation in _RELATIONS.items()},
    **{f"Timestamp{name}": (_TIMESTAMP, relation) for name, relation in _RELATIONS.items()},
}

_TYPE_TESTS: Mapping[str, Callable[[Json], bool]] = {
    "IsBoolean": lambda value: _boolean(value) is not None,
    "IsNull": lambda value: value is None,
    "IsNumeric": lambda value: _number(value) is not None,
    "IsString": lambda value: _string(value) is not None,
    "IsTimestamp": lambda value: _instant(value) is not None,
}


def _with_literal(kind: Kind, relation: Callable[[Any, Any], bool]) -> "Operator":
    def build(variable: JsonPath, operand: Json) -> DataTest:
        converted = kind.convert(operand)
        if converted is None:
            raise InvalidExpression(f"The value must be a {kind.name}")
        return Comparison(variable=variable, kind=kind, relation=relation, operand=converted)

    return build


def _with_path(kind: Kind, relation: Callable[[Any, Any], bool]) -> "Operator":
    def build(variable: JsonPath, operand: Json) -> DataTest:
        if not isinstance(operand, str):
            raise InvalidExpression("The value must be a path")
        path = parse_definite_path(operand)
        return Comparison(variable=variable, kind=kind, relation=relation, operand=path)

    return build


def _with_type(test: Callable[[Json], bool]) -> "Operator":
    def build(variable: JsonPath, operand: Json) -> DataTest:
        return TypeTest(variable=variable, test=test, expected=_flag(operand))

    return build


def _with_presence(variable: JsonPath, operand: Json) -> DataTest:
    return PresenceTest(variable=variable, expected=_flag(operand))


def _with_pattern(variable: JsonPath, operand: Json) -> DataTest:
    if not isinstance(operand, str):
        raise InvalidExpression("The value must be a string")
    return Comparison(
        variable=variable,
        kind=_STRING,
        relation=lambda text, pattern: pattern.matches(text),
        operand=parse_string_pattern(operand),
    )


def _flag(operand: Json) -> bool:
    if not isinstance(operand, bool):
        raise InvalidExpression("The value must be a boolean")
    return operand


Operator: TypeAlias = Callable[[JsonPath, Json], DataTest]
"""Builds the test of Variable against the operand. Raises InvalidExpression for a bad operand."""

OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        **{name: _with_literal(*compared) for name, compared in _COMPARED.items()},
        **{f"{name}Path": _with_path(*compared) for name, compared in _COMPARED.items()},
        **{name: _with_type(test) for name, test in _TYPE_TESTS.items()},
        "IsPresent": _with_presence,
        "StringMatches": _with_pattern,
    }
)
"""Every comparison operator of the specification by its name."""
