"""Recursive descent: one method per rule of the grammar (Contract 6.5).

expression := conjunction ("or" conjunction)*
conjunction := negation ("and" negation)*
negation := "not" negation | comparison
comparison := operand [operator operand | ["not"] "in" operand | "is" ["not"] "defined"]
operand := literal | path | "(" expression ")"
"""

from functools import lru_cache

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.expressions.errors import ExpressionSyntaxError
from tasks.smart_statebag.workflow.expressions.syntax import (
    Comparison,
    Defined,
    Expression,
    Literal,
    Logical,
    Not,
    PathOperand,
)
from tasks.smart_statebag.workflow.expressions.tokens import Token, tokenise
from tasks.smart_statebag.workflow.state_view import Path

MAX_LENGTH = 2000
MAX_DEPTH = 50

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_CONSTANTS: dict[str, Json] = {"true": True, "false": False, "null": None}
_RESERVED = frozenset({"and", "or", "not", "in", "is", "defined", *_CONSTANTS})


@lru_cache(maxsize=1024)
def parse_expression(text: str) -> Expression:
    """The parsed form of an expression.

    Raises:
        ExpressionSyntaxError: The text does not follow the grammar, or exceeds 2000 characters
            or a depth of 50.
    """
    parser = _Parser(text)
    expression = parser.expression(depth=0)
    parser.finish()
    return expression


@lru_cache(maxsize=1024)
def parse_path(text: str) -> Path:
    """The parsed form of a path (``$.a.b[0]`` or ``a.b[0]``).

    Raises:
        ExpressionSyntaxError: The text is not a path.
    """
    parser = _Parser(text)
    path = parser.path()
    parser.finish()
    return path


class _Parser:
    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ExpressionSyntaxError(text, MAX_LENGTH, f"more than {MAX_LENGTH} characters")
        self._text = text
        self._tokens = list(tokenise(text))
        self._next = 0

    def expression(self, *, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH}")
        operands = [self._conjunction(depth)]
        while self._take("or"):
            operands.append(self._conjunction(depth))
        return _joined("or", operands)

    def finish(self) -> None:
        if self._peek().kind != "end":
            raise self._error(f"unexpected {self._peek().text!r}")

    def path(self) -> Path:
        path: list[str | int] = []
        if not self._take("$"):
            path.append(self._name())
        while True:
            if self._take("."):
                path.append(self._name(after_dot=True))
            elif self._take("["):
                path.append(self._index())
            else:
                return tuple(path)

    def _conjunction(self, depth: int) -> Expression:
        operands = [self._negation(depth)]
        while self._take("and"):
            operands.append(self._negation(depth))
        return _joined("and", operands)

    def _negation(self, depth: int) -> Expression:
        if not self._take("not"):
            return self._comparison(depth)
        if depth > MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH}")
        return Not(operand=self._negation(depth + 1))

    def _comparison(self, depth: int) -> Expression:
        left = self._operand(depth)
        token = self._peek()
        if token.kind == "symbol" and token.text in _COMPARISONS:
            self._next += 1
            return Comparison(operator=token.text, left=left, right=self._operand(depth))
        if self._take("in"):
            return Comparison(operator="in", left=left, right=self._operand(depth))
        if self._take("not"):
            self._expect("in")
            membership = Comparison(operator="in", left=left, right=self._operand(depth))
            return Not(operand=membership)
        if self._take("is"):
            return self._definedness(left)
        return left

    def _definedness(self, left: Expression) -> Expression:
        if not isinstance(left, PathOperand):
            raise self._error("only a path can be tested by 'is defined'")
        negated = self._take("not")
        self._expect("defined")
        defined = Defined(path=left.path)
        return Not(operand=defined) if negated else defined

    def _operand(self, depth: int) -> Expression:
        token = self._peek()
        if self._take("("):
            inner = self.expression(depth=depth + 1)
            self._expect(")")
            return inner
        if self._starts_literal(token):
            return Literal(value=self._literal(depth))
        return PathOperand(path=self.path())

    def _starts_literal(self, token: Token) -> bool:
        return (
            token.kind in {"number", "string"}
            or (token.kind == "name" and token.text in _CONSTANTS)
            or (token.kind == "symbol" and token.text == "[")
        )

    def _literal(self, depth: int) -> Json:
        token = self._advance()
        if token.kind in {"number", "string"}:
            return token.value
        if token.kind == "name" and token.text in _CONSTANTS:
            return _CONSTANTS[token.text]
        if token.kind == "symbol" and token.text == "[" and depth <= MAX_DEPTH:
            return self._list(depth + 1)
        raise ExpressionSyntaxError(self._text, token.position, f"unexpected {token.text!r}")

    def _list(self, depth: int) -> Json:
        values: list[Json] = []
        if self._take("]"):
            return values
        values.append(self._literal(depth))
        while self._take(","):
            values.append(self._literal(depth))
        self._expect("]")
        return values

    def _name(self, *, after_dot: bool = False) -> str:
        token = self._peek()
        # A key may be called "in" or "true"; only at the start of a path would it be ambiguous.
        if token.kind != "name" or (token.text in _RESERVED and not after_dot):
            raise self._error(f"a name is expected, not {token.text!r}")
        self._next += 1
        return token.text

    def _index(self) -> str | int:
        token = self._advance()
        if not isinstance(token.value, str | int) or isinstance(token.value, bool):
            reason = "an index is a whole number or a string"
            raise ExpressionSyntaxError(self._text, token.position, reason)
        self._expect("]")
        return token.value

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _advance(self) -> Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token

    def _take(self, text: str) -> bool:
        token = self._peek()
        if token.kind in {"name", "symbol"} and token.text == text:
            self._next += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._error(f"{text!r} is expected, not {self._peek().text!r}")

    def _error(self, reason: str) -> ExpressionSyntaxError:
        return ExpressionSyntaxError(self._text, self._peek().position, reason)


def _joined(operator: str, operands: list[Expression]) -> Expression:
    if len(operands) == 1:
        return operands[0]
    return Logical(operator=operator, operands=tuple(operands))
