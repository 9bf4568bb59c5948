"""The errors of expressions, in the words of the JSONata reference implementation.

The library has the reference's error codes, but calls a function an Object and does not quote
values. Step Functions shows the reference's texts.
"""

import re
from collections.abc import Iterator

from jsonata.jexception import JException

from pipeline.language.query.jsonata_text import shown

NO_JSON = "D1001"
STACK_OVERFLOW = "D1011"
TOO_MANY_STEPS = "D1012"
SEQUENCE_TOO_LONG = "D2015"

_OWN_TEXTS = {
    TOO_MANY_STEPS: "Evaluation stopped after {{value}} steps. Check for infinite loop",
    SEQUENCE_TOO_LONG: "The maximum sequence length of {{value}} was exceeded.",
}
_MISTAKEN_CODES = {("S0301", False): "S0103"}
"""The library reports an unknown escape sequence by the code of an empty regular expression."""

_VALUE_COMES_SECOND = frozenset({"D1002"})
_PLACEHOLDER = re.compile(r"(\{?)\{\{\w+\}\}\}?")


class ExpressionFailed(Exception):
    """An expression cannot be evaluated; its field turns this into an ``ExecutionError``.

    Attributes:
        message: JSONata's code and sentence: ``T2001: The left side of the "+" operator ...``.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnsupportedResult(ExpressionFailed):
    """The result of an expression is or contains a function, which JSON cannot represent."""

    def __init__(self) -> None:
        super().__init__("The result is or contains a function")


def failure(code: str, *values: object) -> JException:
    """An error to raise; at most three values fill the placeholders of the code's text."""
    current, expected, extra = (*values, None, None, None)[:3]
    return JException(code, -1, current, expected, extra)


def message_of(error: JException) -> str:
    """``<code>: <sentence>`` of an error of the library."""
    code = _MISTAKEN_CODES.get((error.error, error.current is None), error.error)
    template = _OWN_TEXTS.get(code) or JException.error_codes.get(code)
    if template is None:  # the library has a sentence instead of a code
        return str(error.error)
    values = (error.current, error.expected, error.extra)
    sentence = template.replace(" Object ", " function ").replace('"', "'")
    pending = iter(values[1:] if code in _VALUE_COMES_SECOND else values)
    return f"{code}: {_PLACEHOLDER.sub(lambda found: _filled(found, pending), sentence)}"


def _filled(placeholder: re.Match[str], values: Iterator[object]) -> str:
    value = next(values)
    return str(value) if placeholder[1] else shown(value)
