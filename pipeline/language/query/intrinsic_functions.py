"""Calls of intrinsic functions (specification: "Intrinsic Functions", Appendix B)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from pipeline.language.errors import INTRINSIC_FAILURE, ExecutionError
from pipeline.language.evaluation import Evaluation
from pipeline.language.json_value import Json
from pipeline.language.query.intrinsic_syntax import WORDS, Tokens, unescape
from pipeline.language.query.intrinsics import arrays, documents, numbers, strings
from pipeline.language.query.intrinsics.arguments import InvalidArgument
from pipeline.language.query.json_path import JsonPath, parse_json_path

MAX_NESTED = 10
"""AWS's limit of nested calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntrinsicFunction:
    """One intrinsic function.

    Attributes:
        call: Takes the argument values; raises InvalidArgument.
        least: The minimum number of arguments.
        most: The maximum number of arguments; None for no limit.
        draws: Whether ``call`` takes the evaluation's sources as its first argument.
    """

    call: Callable[..., Json]
    least: int
    most: int | None
    draws: bool = False


def _taking(count: int, call: Callable[..., Json]) -> IntrinsicFunction:
    return IntrinsicFunction(call=call, least=count, most=count)


FUNCTIONS: Mapping[str, IntrinsicFunction] = MappingProxyType(
    {
        "States.Array": IntrinsicFunction(call=arrays.make, least=0, most=None),
        "States.ArrayContains": _taking(2, arrays.contains),
        "States.ArrayGetItem": _taking(2, arrays.get_item),
        "States.ArrayLength": _taking(1, arrays.length),
        "States.ArrayPartition": _taking(2, arrays.partition),
        "States.ArrayRange": _taking(3, arrays.span),
        "States.ArrayUnique": _taking(1, arrays.unique),
        "States.Base64Decode": _taking(1, strings.base64_decode),
        "States.Base64Encode": _taking(1, strings.base64_encode),
        "States.Format": IntrinsicFunction(call=strings.interpolate, least=1, most=None),
        "States.Hash": _taking(2, strings.digest),
        "States.JsonMerge": _taking(3, documents.merge),
        "States.JsonToString": _taking(1, documents.json_to_string),
        "States.MathAdd": _taking(2, numbers.add),
        "States.MathRandom": IntrinsicFunction(call=numbers.draw, least=2, most=3, draws=True),
        "States.StringSplit": _taking(2, strings.split),
        "States.StringToJson": _taking(1, documents.string_to_json),
        "States.UUID": IntrinsicFunction(call=numbers.uuid, least=0, most=0, draws=True),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A literal argument."""

    value: Json

    def evaluate(self, _evaluation: Evaluation) -> Json:
        """The value."""
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class IntrinsicCall:
    """A parsed call.

    Attributes:
        text: As written.
        name: Key of ``FUNCTIONS``.
        arguments: Literals, paths and nested calls.
    """

    text: str
    name: str
    arguments: "tuple[Argument, ...]"

    def evaluate(self, evaluation: Evaluation) -> Json:
        """The result of the call.

        Raises:
            PathNotFound: A path among the arguments finds nothing.
            ExecutionError: States.IntrinsicFailure, if the function does not accept its arguments.
        """
        function = FUNCTIONS[self.name]
        values = [argument.evaluate(evaluation) for argument in self.arguments]
        try:
            if function.draws:
                return function.call(evaluation.sources, *values)
            return function.call(*values)
        except InvalidArgument as error:
            raise ExecutionError(
                INTRINSIC_FAILURE, f"The function '{self.text}' had the following error: {error}"
            ) from error


Argument: TypeAlias = Literal | JsonPath | IntrinsicCall


def parse_intrinsic_call(text: str) -> IntrinsicCall:
    """Parse a call and its nested calls.

    Raises:
        InvalidExpression: It is not a call, the function does not exist or takes another number of
            arguments, an argument is malformed, or calls nest deeper than ten.
    """
    tokens = Tokens(text)
    call = _parse_call(tokens, 1)
    if not tokens.at_end():
        raise tokens.error(f"unexpected '{text[tokens.position :]}' after it")
    return call


def _parse_call(tokens: Tokens, depth: int) -> IntrinsicCall:
    start = tokens.position
    name = tokens.function_name()
    if name not in FUNCTIONS:
        raise tokens.error(f"there is no intrinsic function '{name}'")
    if depth > MAX_NESTED:
        raise tokens.error(f"intrinsic functions nest at most {MAX_NESTED} deep")
    arguments = _parse_arguments(tokens, name, depth)
    _check_count(tokens, name, len(arguments))
    text = tokens.text[start : tokens.position].strip()
    return IntrinsicCall(text=text, name=name, arguments=arguments)


def _parse_arguments(tokens: Tokens, name: str, depth: int) -> tuple[Argument, ...]:
    arguments: list[Argument] = []
    if tokens.skip(")"):
        return ()
    while True:
        # Only States.Format distinguishes '{}' from '\{}', so it gets its template with escapes.
        is_template = name == "States.Format" and not arguments
        arguments.append(_parse_argument(tokens, depth, is_template=is_template))
        if tokens.skip(")"):
            return tuple(arguments)
        if not tokens.skip(","):
            raise tokens.error(f"',' or ')' is expected at position {tokens.position}")


def _parse_argument(tokens: Tokens, depth: int, *, is_template: bool) -> Argument:
    if tokens.at("$"):
        return parse_json_path(tokens.path())
    if tokens.at("'"):
        written = tokens.string()
        return Literal(value=written if is_template else unescape(written))
    if (number := tokens.number()) is not None:
        return Literal(value=number)
    if (word := tokens.word()) is not None:
        return Literal(value=WORDS[word])
    return _parse_call(tokens, depth + 1)


def _check_count(tokens: Tokens, name: str, count: int) -> None:
    function = FUNCTIONS[name]
    if count >= function.least and (function.most is None or count <= function.most):
        return
    expected = {None: f"at least {function.least}", function.least: f"{function.least}"}.get(
        function.most, f"{function.least} to {function.most}"
    )
    raise tokens.error(f"{name} takes {expected} arguments, not {count}")
