"""Condition and update expressions of DynamoDB over items in attribute-value form.

Amazon DynamoDB Developer Guide, "Expressions": the part that conditional puts and updates of single
attributes need. Paths lead through maps, not into lists.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

Item: TypeAlias = dict[str, Any]
"""Attributes by name, each ``{type: value}``."""

_TOKEN = re.compile(r"\s*(:\w+|#?\w+(?:\.#?\w+)*|<>|<=|>=|[=<>(),+-])")
_ORDERED = frozenset({"S", "N", "B"})
_CLAUSES = frozenset({"SET", "REMOVE", "ADD"})


class InvalidExpressionText(Exception):
    """This store cannot evaluate the expression."""


class AttributeExpression:
    """One expression, evaluated while it is parsed, from left to right.

    Attributes:
        updates: Names of the attributes that an update expression sets or removes.
    """

    def __init__(
        self, text: str, item: Item, names: Mapping[str, str], values: Mapping[str, Any]
    ) -> None:
        self._tokens = _tokens(text)
        self._item = item
        self._names = names
        self._values = values
        self.updates: set[str] = set()

    def holds(self) -> bool:
        """The value of a condition.

        Raises:
            InvalidExpressionText: The text is not a condition.
        """
        result = self._either()
        if self._tokens:
            raise InvalidExpressionText(f"Syntax error; token: {self._tokens[0]}")
        return result

    def updated(self) -> Item:
        """The item after an update expression. Operands read the item as it was before.

        Raises:
            InvalidExpressionText: The text is not an update.
        """
        item = dict(self._item)
        while self._tokens:
            clause = self._next().upper()
            if clause not in _CLAUSES:
                raise InvalidExpressionText(f"Syntax error; token: {clause}")
            self._apply(clause, item)
            while self._accept(","):
                self._apply(clause, item)
        return item

    def _apply(self, clause: str, item: Item) -> None:
        name = self._names_of(self._next())
        if len(name) != 1:
            raise InvalidExpressionText("only attributes of the item itself can be updated")
        self.updates.add(name[0])
        if clause == "REMOVE":
            item.pop(name[0], None)
        elif clause == "SET":
            self._expect("=")
            item[name[0]] = self._assigned()
        else:
            added = self._operand(self._next())
            item[name[0]] = _plus(self._item.get(name[0], {"N": "0"}), added, 1)

    def _assigned(self) -> Any:
        value = self._sum()
        if value is None:
            raise InvalidExpressionText(
                "The provided expression refers to an attribute that does not exist in the item"
            )
        return value

    def _sum(self) -> Any:
        value = self._value()
        while self._tokens and self._tokens[0] in {"+", "-"}:
            sign = 1 if self._next() == "+" else -1
            value = _plus(value, self._value(), sign)
        return value

    def _value(self) -> Any:
        token = self._next()
        if token != "if_not_exists":  # noqa: S105 - a function's name, not a password
            return self._operand(token)
        self._expect("(")
        present = self._operand(self._next())
        self._expect(",")
        otherwise = self._value()
        self._expect(")")
        return otherwise if present is None else present

    def _either(self) -> bool:
        result = self._both()
        while self._accept("OR"):
            result = self._both() or result
        return result

    def _both(self) -> bool:
        result = self._negated()
        while self._accept("AND"):
            result = self._negated() and result
        return result

    def _negated(self) -> bool:
        if self._accept("NOT"):
            return not self._negated()
        if self._accept("("):
            result = self._either()
            self._expect(")")
            return result
        return self._comparison()

    def _comparison(self) -> bool:
        token = self._next()
        if test := _FUNCTIONS.get(token):
            self._expect("(")
            operands = [self._operand(self._next())]
            while self._accept(","):
                operands.append(self._operand(self._next()))
            self._expect(")")
            return test(operands)
        left, comparator = self._operand(token), self._next()
        if comparator not in _COMPARATORS:
            raise InvalidExpressionText(f"Syntax error; token: {comparator}")
        return _COMPARATORS[comparator](left, self._operand(self._next()))

    def _operand(self, token: str) -> Any:
        """The value of a placeholder or a path; None if the item has no such attribute."""
        if token.startswith(":"):
            if token not in self._values:
                raise InvalidExpressionText(f"the attribute value {token} is not defined")
            return self._values[token]
        found: Any = {"M": self._item}
        for name in self._names_of(token):
            found = found.get("M", {}).get(name) if found else None
        return found

    def _names_of(self, token: str) -> list[str]:
        parts = token.split(".")
        unknown = [part for part in parts if part.startswith("#") and part not in self._names]
        if unknown:
            raise InvalidExpressionText(f"the attribute name {unknown[0]} is not defined")
        return [self._names.get(part, part) for part in parts]

    def _next(self) -> str:
        if not self._tokens:
            raise InvalidExpressionText("Syntax error; token: <EOF>")
        return self._tokens.pop(0)

    def _accept(self, keyword: str) -> bool:
        if self._tokens and self._tokens[0].upper() == keyword:
            del self._tokens[0]
            return True
        return False

    def _expect(self, keyword: str) -> None:
        if not self._accept(keyword):
            raise InvalidExpressionText(f"'{keyword}' is missing")


def projected(item: Item, expression: str, names: Mapping[str, str]) -> Item:
    """The attributes that a ProjectionExpression lists."""
    listed = [part.strip() for part in expression.split(",")]
    kept = [names.get(name, name) for name in listed]
    return {name: item[name] for name in kept if name in item}


def sort_value(value: Any) -> Any:
    """The order of a sort key's values: numbers by size, other values by their bytes."""
    ((kind, content),) = value.items()
    return _number(content) if kind == "N" else content.encode()


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise InvalidExpressionText(f"Syntax error; token: {text[position:].strip()[:10]}")
        tokens.append(match[1])
        position = match.end()
    return tokens


def _plus(left: Any, right: Any, sign: int) -> Any:
    if not (left and right and "N" in left and "N" in right):
        raise InvalidExpressionText("an operand in the update expression is not a number")
    return {"N": str(_number(left["N"]) + sign * _number(right["N"]))}


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        message = f"The parameter cannot be converted to a numeric value: {text}"
        raise InvalidExpressionText(message) from error


def _comparable(value: Any) -> tuple[str, Any] | None:
    if not value:
        return None
    ((kind, content),) = value.items()
    return kind, _number(content) if kind == "N" else content


def _equal(left: Any, right: Any) -> bool:
    return left is not None and _comparable(left) == _comparable(right)


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        first, second = _comparable(left), _comparable(right)
        if not first or not second or first[0] != second[0] or first[0] not in _ORDERED:
            return False
        return test(first[1], second[1])

    return compare


def _begins_with(operands: list[Any]) -> bool:
    first, second = (_comparable(operand) for operand in operands)
    return bool(first and second and first[0] == second[0] and first[1].startswith(second[1]))


_COMPARATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": _equal,
    "<>": lambda left, right: not _equal(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
}
_FUNCTIONS: Mapping[str, Callable[[list[Any]], bool]] = {
    "attribute_exists": lambda operands: operands[0] is not None,
    "attribute_not_exists": lambda operands: operands[0] is None,
    "begins_with": _begins_with,
}
