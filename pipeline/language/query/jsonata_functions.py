"""The functions that expressions may call: the library's, their replacements, and AWS's own.

Any number of threads may call these functions, like those of the library. They read the data of one
evaluation from the current evaluator of their thread.
"""

import copy
import inspect
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from jsonata import Jsonata
from jsonata.jexception import JException

from pipeline.language.query import (
    jsonata_amazon,
    jsonata_matching,
    jsonata_numbers,
    jsonata_pictures,
    jsonata_sequences,
    jsonata_strings,
)
from pipeline.language.query.jsonata_arguments import ArgumentTypes
from pipeline.language.query.jsonata_failure import failure
from pipeline.language.query.jsonata_values import copied, json_number

if TYPE_CHECKING:
    from pipeline.language.query.jsonata_evaluator import Evaluator

_NOT_SUPPORTED = frozenset({"eval"})
"""AWS: "JSONata functions not supported by Step Functions"."""


class BuiltIn(Jsonata.JNativeFunction):  # type: ignore[misc]  # the library is untyped
    """A function written in Python, which counts against the bounds of the calling evaluation."""

    def __init__(self, name: str, signature: str, call: Callable[..., Any]) -> None:
        self.function = None
        self.function_name = name
        self.signature = ArgumentTypes(signature, name)
        self.method = call
        self.nargs = len(inspect.signature(call).parameters)

    @classmethod
    def of_library(cls, function: Any) -> "BuiltIn":
        """A function of the library that keeps its name when an expression binds it to another."""
        own = cls.__new__(cls)
        own.__dict__.update(function.__dict__)
        own.signature = copy.copy(function.signature)
        own.signature.__class__ = ArgumentTypes
        return own

    def call(self, context: Any, arguments: Any) -> Any:
        given = self.signature.validate(arguments, context)
        bounds = current().bounds
        bounds.charge(sum(len(one) for one in given if isinstance(one, list | dict | str)))
        try:
            missing = [None] * (self.nargs - len(given))
            return bounds.short(_number_or_other(self.method(*given, *missing)))
        except (JException, RecursionError):
            raise
        except Exception as error:
            # The library does not handle every argument, such as an undefined picture, a word that
            # is not a number, or a year beyond the calendar.
            sentence = f"The function ${self.function_name} cannot be applied to its arguments"
            raise JException(sentence) from error


def _number_or_other(result: Any) -> Any:
    if not isinstance(result, float):
        return result
    if math.isinf(result):
        raise failure("D1001", result)
    return result if math.isnan(result) else json_number(result)


def current() -> "Evaluator":
    """The current evaluator of this thread, which exists during each call of a function."""
    return Jsonata.CURRENT.jsonata  # type: ignore[no-any-return]


def _distinct(items: Any) -> Any:
    current().bounds.weigh(items)
    return jsonata_sequences.distinct(items)


def _string(value: Any, prettify: bool | None) -> str | None:
    current().bounds.weigh(value)
    return jsonata_strings.string(value, prettify)


def _clone(value: Any) -> Any:
    current().bounds.weigh(value)
    return copied(value)


def _random(seed: float | None) -> float:
    if seed is None:
        return current().sources.random.random()
    return jsonata_amazon.seeded_random(seed)


def _shuffle(items: list[Any] | None) -> list[Any] | None:
    return None if items is None else current().sources.random.sample(items, len(items))


def _uuid() -> str:
    return current().sources.uuid()


def _millis() -> int:
    return int(current().sources.now * 1000)


def _now(picture: str | None, timezone: str | None) -> str | None:
    return jsonata_pictures.from_millis(_millis(), picture, timezone)


def _to_millis(timestamp: str | None, picture: str | None) -> int | None:
    return jsonata_pictures.to_millis(timestamp, picture, current().sources.now)


_OWN: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("base64decode", "<s-:s>", jsonata_strings.base64_decode),
    ("clone", "<(oa)-:o>", _clone),
    ("contains", "<s-(sf):b>", jsonata_matching.contains),
    ("decodeUrl", "<s-:s>", jsonata_strings.decode_url),
    ("decodeUrlComponent", "<s-:s>", jsonata_strings.decode_url_component),
    ("distinct", "<x:x>", _distinct),
    ("formatBase", "<n-n?:s>", jsonata_numbers.format_base),
    ("formatNumber", "<n-so?:s>", jsonata_pictures.format_number),
    ("fromMillis", "<n-s?s?:s>", jsonata_pictures.from_millis),
    ("hash", "<s-s:s>", jsonata_amazon.digest),
    ("join", "<a<s>s?:s>", jsonata_strings.join),
    ("lowercase", "<s-:s>", jsonata_strings.lowercase),
    ("match", "<s-f<s:o>n?:a<o>>", jsonata_matching.match),
    ("millis", "<:n>", _millis),
    ("now", "<s?s?:s>", _now),
    ("number", "<(nsb)-:n>", jsonata_numbers.number),
    ("pad", "<s-ns?:s>", jsonata_strings.pad),
    ("parse", "<s-:x>", jsonata_amazon.parse),
    ("partition", "<an:a>", jsonata_amazon.partition),
    ("power", "<n-n:n>", jsonata_numbers.power),
    ("random", "<n?:n>", _random),
    ("range", "<nnn:a>", jsonata_amazon.span),
    ("replace", "<s-(sf)(sf)n?:s>", jsonata_matching.replace),
    ("round", "<n-n?:n>", jsonata_numbers.round_half_even),
    ("shuffle", "<a:a>", _shuffle),
    ("sort", "<af?:a>", jsonata_sequences.sort),
    ("split", "<s-(sf)n?:a<s>>", jsonata_matching.split),
    ("spread", "<x-:a<o>>", jsonata_sequences.spread),
    ("string", "<x-b?:s>", _string),
    ("toMillis", "<s-s?:n>", _to_millis),
    ("uuid", "<:s>", _uuid),
)


def _all_functions() -> dict[str, BuiltIn]:
    functions = {
        name: BuiltIn.of_library(function)
        for name, function in Jsonata.static_frame.bindings.items()
        if name not in _NOT_SUPPORTED
    }
    functions.update((name, BuiltIn(name, types, call)) for name, types, call in _OWN)
    return functions


FUNCTIONS: Mapping[str, BuiltIn] = MappingProxyType(_all_functions())
