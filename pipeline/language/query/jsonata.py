"""JSONata expressions in Step Functions' dialect.

AWS: "Transforming data with JSONata"; the language itself: https://docs.jsonata.org. An expression
has no context item at the top: its data are in ``$states`` and in variables.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jsonata.jexception import JException
from jsonata.parser import Parser

from pipeline.language.errors import InvalidExpression
from pipeline.language.evaluation import Sources
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.query.jsonata_evaluator import Evaluator
from pipeline.language.query.jsonata_failure import (
    NO_JSON,
    STACK_OVERFLOW,
    ExpressionFailed,
    UnsupportedResult,
    failure,
    message_of,
)
from pipeline.language.query.jsonata_references import References, names_of_no_input, references
from pipeline.language.query.jsonata_regex import Pattern
from pipeline.language.query.jsonata_values import UNDEFINED, NoJson, Undefined, to_json

__all__ = [
    "UNDEFINED",
    "ExpressionFailed",
    "JsonataEvaluation",
    "JsonataExpression",
    "Undefined",
    "UnsupportedResult",
    "is_badly_marked",
    "is_jsonata",
    "parse_jsonata",
    "unwrap",
]

_START = "{%"
_END = "%}"

MAX_CHARACTERS = 100_000
"""The longest expression, in characters: the library takes seconds to parse much longer ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonataEvaluation:
    """The data of one evaluation.

    Attributes:
        states: ``$states``: ``input``, ``context`` and, after the work of a state, ``result`` or
            ``errorOutput``.
        variables: The values of ``$name``, by name.
        sources: The time and randomness.
    """

    states: JsonObject
    variables: JsonObject
    sources: Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonataExpression:
    """A parsed expression.

    Attributes:
        text: As written, without ``{%`` and ``%}``.
        references: The variables and fields that it refers to.
    """

    text: str
    references: References = field(compare=False, repr=False)
    _syntax: Any = field(compare=False, repr=False)

    def evaluate(self, evaluation: JsonataEvaluation) -> "Json | Undefined":
        """The value, or ``UNDEFINED``.

        Raises:
            ExpressionFailed: It cannot be evaluated, has no JSON form or exceeds a bound.
        """
        try:
            bindings = self.references.bindings(evaluation.states, evaluation.variables)
            evaluator = Evaluator(evaluation.sources, bindings)
            result = evaluator.run(self._syntax)
            if isinstance(result, float) and math.isinf(result):
                return None  # AWS makes null of a number that JSON does not have
            evaluator.bounds.weigh(result)
            return to_json(result)
        except JException as error:
            raise ExpressionFailed(message_of(error)) from error
        except NoJson as error:
            raise _no_json(error.value) from error
        except RecursionError as error:
            raise ExpressionFailed(message_of(failure(STACK_OVERFLOW))) from error
        except Exception as error:  # the library does not handle every combination of values
            raise ExpressionFailed("The expression cannot be evaluated") from error


def _no_json(value: object) -> ExpressionFailed:
    if isinstance(value, float):
        return ExpressionFailed(message_of(failure(NO_JSON, value)))
    return UnsupportedResult()


def is_jsonata(text: str) -> bool:
    """Whether a string is an expression, which ``{%`` and ``%}`` wrap as a whole."""
    return len(text) >= len(_START + _END) and text.startswith(_START) and text.endswith(_END)


def is_badly_marked(text: str) -> bool:
    """Whether a string begins or ends like an expression, but is not one.

    AWS takes a string with blanks around both marks as it is.
    """
    return text.startswith(_START) != text.endswith(_END) or text == "{%}"


def unwrap(text: str) -> str:
    """The expression without ``{%`` and ``%}``."""
    return text[len(_START) : -len(_END)].strip()


@lru_cache(maxsize=1024)
def parse_jsonata(text: str) -> JsonataExpression:
    """Parse an expression without ``{%`` and ``%}``.

    Raises:
        InvalidExpression: It is not JSONata, or refers to an input, which does not exist there.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidExpression(f"The expression is longer than {MAX_CHARACTERS} characters")
    try:
        syntax = Parser().parse(text, Pattern)
    except JException as error:
        place = f" (at character {error.location})" if error.location >= 0 else ""
        raise InvalidExpression(message_of(error) + place) from error
    except IndexError as error:  # the library reads on after the end
        raise InvalidExpression(message_of(failure("S0207"))) from error
    except RecursionError as error:
        raise InvalidExpression("The expression nests too deeply") from error
    except (
        LookupError,
        TypeError,
        AttributeError,
    ) as error:  # the library fails so on a few malformed texts
        raise InvalidExpression("Syntax error") from error
    found = references(syntax)
    for name in names_of_no_input(syntax):
        raise InvalidExpression(
            f"'{name}' refers to nothing: the data is in $states and in variables"
        )
    return JsonataExpression(text=text, references=found, _syntax=syntax)
