"""One evaluation of a parsed expression: the library's evaluator, bounded and corrected.

The library keeps the evaluator of a thread in a thread-local variable. Here each evaluation puts
its own there, so that threads share only parsed expressions and functions.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from string import ascii_lowercase
from types import MappingProxyType
from typing import Any

from jsonata import Jsonata
from jsonata.functions import Functions
from jsonata.parser import Parser
from jsonata.utils import Utils

from pipeline.language.evaluation import Sources
from pipeline.language.query import jsonata_operators
from pipeline.language.query.jsonata_bounds import Bounds
from pipeline.language.query.jsonata_failure import failure
from pipeline.language.query.jsonata_functions import FUNCTIONS, BuiltIn
from pipeline.language.query.jsonata_matching import first_match
from pipeline.language.query.jsonata_numbers import arithmetic
from pipeline.language.query.jsonata_regex import Pattern
from pipeline.language.query.jsonata_strings import string
from pipeline.language.query.jsonata_transform import transformed
from pipeline.language.query.jsonata_values import NULL


class Scope(Jsonata.Frame):  # type: ignore[misc]  # the library is untyped
    """The variables of one block or function call."""

    def bind(self, name: str, value: Any) -> None:
        self.bindings[name] = value

    def lookup(self, name: str) -> Any:
        scope: Any = self
        while scope is not None:
            if name in scope.bindings:
                return scope.bindings[name]
            scope = scope.parent
        return None


class Evaluator(Jsonata):  # type: ignore[misc]  # the library is untyped
    """The state of one evaluation.

    Attributes:
        sources: The time and randomness of the functions.
        bounds: The evaluation's remaining allowance.
    """

    def __init__(self, sources: Sources, variables: Mapping[str, Any]) -> None:
        # The library's constructor parses; this one takes a parsed expression.
        self.sources = sources
        self.environment = Scope(None)
        self.environment.bindings = {**FUNCTIONS, **variables}
        self.parser = _PARSER
        self.bounds = Bounds()

    def run(self, syntax: Any) -> Any:
        """The value of an expression, in the library's form.

        Raises:
            JException: The expression fails or exceeds a bound.
        """
        outer = getattr(Jsonata.CURRENT, "jsonata", None)
        Jsonata.CURRENT.jsonata = self
        try:
            return self.eval(syntax, None, self.environment)
        finally:
            Jsonata.CURRENT.jsonata = outer

    def create_frame(self, enclosing_environment: Any = None) -> Scope:
        return Scope(enclosing_environment)

    def eval(self, expr: Any, context: Any, environment: Any) -> Any:
        """The value of a node of the syntax tree.

        The library's method does the same, but checks its own bounds at each node and in all
        scopes.
        """
        self.bounds.enter()
        self.environment = environment  # partially applied functions look up names here
        evaluate = _NODES.get(expr.type)
        result = None if evaluate is None else evaluate(self, expr, context, environment)
        for predicate in expr.predicate or ():
            result = self.evaluate_filter(predicate.expr, result, environment)
        if expr.group is not None and expr.type != "path":
            result = self.evaluate_group_expression(expr.group, result, environment)
        self.bounds.leave()
        return _unwrapped(expr, self.bounds.short(result))

    def evaluate_numeric_expression(self, lhs: Any, rhs: Any, op: str) -> Any:
        if lhs is not None and not Utils.is_numeric(lhs):
            raise failure("T2001", op, lhs)
        if rhs is not None and not Utils.is_numeric(rhs):
            raise failure("T2002", op, rhs)
        return None if lhs is None or rhs is None else arithmetic(lhs, rhs, op)

    def evaluate_equality_expression(self, lhs: Any, rhs: Any, op: str) -> bool:
        if lhs is None or rhs is None:
            return False
        return jsonata_operators.equal(lhs, rhs, self.bounds) is (op == "=")

    def evaluate_includes_expression(self, lhs: Any, rhs: Any) -> bool:
        return jsonata_operators.includes(lhs, rhs, self.bounds)

    def evaluate_string_concat(self, lhs: Any, rhs: Any) -> str:
        self.bounds.weigh([lhs, rhs])
        return (string(lhs) or "") + (string(rhs) or "")

    def evaluate_range_expression(self, lhs: Any, rhs: Any) -> Any:
        return jsonata_operators.span(lhs, rhs, self.bounds)

    def evaluate_group_expression(self, expr: Any, context: Any, environment: Any) -> Any:
        of_tuples = isinstance(context, Utils.JList) and context.tuple_stream
        items = (context or [None]) if isinstance(context, list) else [context]
        groups: dict[str, tuple[int, list[Any]]] = {}
        for item in items:
            scope = self.create_frame_from_tuple(environment, item) if of_tuples else environment
            for index, (key_syntax, _) in enumerate(expr.lhs_object):
                key = self.eval(key_syntax, item["@"] if of_tuples else item, scope)
                if key is None:
                    continue
                if not isinstance(key, str):
                    raise failure("T1003", key)
                other, members = groups.setdefault(key, (index, []))
                if other != index:
                    raise failure("D1009", key)
                members.append(item)
        result = {}
        for key, (index, members) in groups.items():
            value_syntax = expr.lhs_object[index][1]
            value = self._group_value(value_syntax, members, of_tuples, environment)
            if value is not None:
                result[key] = value
        return result

    def _group_value(
        self, syntax: Any, members: list[Any], of_tuples: bool, environment: Any
    ) -> Any:
        if of_tuples:
            bindings = self.reduce_tuple_stream(members)
            item = bindings.pop("@")
            return self.eval(syntax, item, self.create_frame_from_tuple(environment, bindings))
        if len(members) == 1:
            return self.eval(syntax, members[0], environment)
        together = Utils.JList()
        for member in members:
            together += member if isinstance(member, list) else [member]
        return self.eval(syntax, together, environment)

    def evaluate_transform_expression(self, expr: Any, context: Any, environment: Any) -> Any:
        def transform(document: Any) -> Any:
            self.bounds.weigh(document)
            return transformed(document, expr, lambda node, on: self.eval(node, on, environment))

        return BuiltIn("transform", "<(oa):o>", transform)

    def apply_inner(self, proc: Any, args: Any, context: Any, environment: Any) -> Any:
        if Functions.is_lambda(proc):
            signature = proc.signature
            return self.apply_procedure(
                proc, signature.validate(args, context) if signature else args
            )
        if isinstance(proc, BuiltIn):
            return proc.call(context, args)
        if isinstance(proc, Pattern) and args and isinstance(args[0], str):
            return first_match(args[0], proc)
        raise failure("T1006")

    def apply_procedure(self, proc: Any, args: Any) -> Any:
        scope = Scope(proc.environment)
        for index, parameter in enumerate(proc.arguments):
            scope.bind(parameter.value, args[index] if index < len(args) else None)
        return self.eval(proc.body, proc.input, scope)

    def partial_apply_native_function(self, native: Any, args: Any) -> Any:
        count = min(len(args), native.get_number_of_args())
        return self.partial_apply_procedure(_call_of(native.function_name, count), args)


def _unwrapped(expr: Any, result: Any) -> Any:
    """A sequence of one item becomes that item, and an empty one undefined."""
    if not Utils.is_sequence(result) or result.tuple_stream:
        return result
    if expr.keep_array:
        result.keep_singleton = True
    if not result:
        return None
    return result[0] if len(result) == 1 and not result.keep_singleton else result


@lru_cache
def _call_of(function: str, count: int) -> Any:
    """The syntax of a function that passes its arguments to another."""
    parameters = ", ".join(f"${letter}" for letter in ascii_lowercase[:count])
    return Parser().parse(f"function({parameters}) {{ ${function}({parameters}) }}")


def _literal(_evaluator: Evaluator, syntax: Any, _context: Any, _environment: Any) -> Any:
    return NULL if syntax.value is None else syntax.value


def _name(evaluator: Evaluator, syntax: Any, context: Any, environment: Any) -> Any:
    if isinstance(context, list):  # the search for the name includes nested arrays
        evaluator.bounds.weigh(context)
    return evaluator.evaluate_name(syntax, context, environment)


def _wildcard(evaluator: Evaluator, _syntax: Any, context: Any, _environment: Any) -> Any:
    return jsonata_operators.members(context, evaluator.bounds)


def _descendants(evaluator: Evaluator, syntax: Any, context: Any, _environment: Any) -> Any:
    evaluator.bounds.weigh(context)
    return evaluator.evaluate_descendants(syntax, context)


def _parent(_evaluator: Evaluator, syntax: Any, _context: Any, environment: Any) -> Any:
    return environment.lookup(syntax.slot.label)


def _function(evaluator: Evaluator, syntax: Any, context: Any, environment: Any) -> Any:
    return evaluator.evaluate_function(syntax, context, environment, Utils.NONE)


_PARSER = Parser()
_Evaluate = Callable[[Evaluator, Any, Any, Any], Any]
_NODES: Mapping[str, _Evaluate] = MappingProxyType(
    {
        "apply": Evaluator.evaluate_apply_expression,
        "binary": Evaluator.evaluate_binary,
        "bind": Evaluator.evaluate_bind_expression,
        "block": Evaluator.evaluate_block,
        "condition": Evaluator.evaluate_condition,
        "descendant": _descendants,
        "function": _function,
        "lambda": Evaluator.evaluate_lambda,
        "name": _name,
        "number": _literal,
        "parent": _parent,
        "partial": Evaluator.evaluate_partial_application,
        "path": Evaluator.evaluate_path,
        "regex": _literal,
        "string": _literal,
        "transform": Evaluator.evaluate_transform_expression,
        "unary": Evaluator.evaluate_unary,
        "value": _literal,
        "variable": Evaluator.evaluate_variable,
        "wildcard": _wildcard,
    }
)
