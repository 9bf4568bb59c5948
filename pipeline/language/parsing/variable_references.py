"""The variables that the fields of a state refer to, found in its JSON.

In JSONPath a variable begins a path: in a field ``...Path`` or ``Variable``, or in a field ``x.$``
of a template, also as an argument of an intrinsic function. In JSONata it may be anywhere in a
string wrapped in ``{% %}``.
"""

from collections.abc import Iterator
from typing import TypeAlias

from pipeline.language.errors import InvalidExpression
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.parsing.nested_scopes import BRANCHES, PROCESSORS, scopes_of, states_of
from pipeline.language.places import below
from pipeline.language.query.intrinsic_functions import (
    IntrinsicCall,
    Literal,
    parse_intrinsic_call,
)
from pipeline.language.query.json_path import JsonPath, parse_json_path
from pipeline.language.query.jsonata import is_jsonata, parse_jsonata, unwrap
from pipeline.language.query.jsonata_functions import FUNCTIONS
from pipeline.language.query.jsonata_references import STATES
from pipeline.language.query_language import QueryLanguage

References: TypeAlias = Iterator[tuple[str, str]]
"""Places in the definition, each with the name of a variable that it refers to."""

_TEMPLATES = frozenset(
    {
        "Arguments",
        "Assign",
        "BatchInput",
        "Credentials",
        "ItemSelector",
        "Items",
        "Output",
        "Parameters",
        "ResultSelector",
    }
)
"""Fields that hold any JSON: the names of fields inside them are not those of ASL."""

_WITHOUT_EXPRESSIONS = frozenset({"Comment", "Result", BRANCHES, *PROCESSORS})


def references_within(scope: JsonObject, place: str, language: QueryLanguage) -> References:
    """The variables that the states of a scope and of nested scopes refer to.

    Args:
        scope: The state machine, branch or item processor.
        place: Its JSON pointer.
        language: The state machine's query language.
    """
    for state_place, state in states_of(scope, place):
        yield from references_of(state, state_place, language)
        for inner_place, inner in scopes_of(state, state_place):
            yield from references_within(inner, inner_place, language)


def references_of(state: JsonObject, place: str, language: QueryLanguage) -> References:
    """The variables that a state refers to, without those of its nested scopes.

    Args:
        state: The state.
        place: Its JSON pointer.
        language: The state machine's query language.
    """
    return _in_object(state, place, named_language(state) or language)


def named_language(owner: JsonObject) -> QueryLanguage | None:
    """The query language that a state or a state machine names, or None."""
    named = owner.get("QueryLanguage")
    return QueryLanguage(named) if named in tuple(QueryLanguage) else None


def _in_object(owner: JsonObject, place: str, language: QueryLanguage) -> References:
    for name, content in owner.items():
        if name in _TEMPLATES:
            yield from _in_template(content, below(place, name), language)
        elif name not in _WITHOUT_EXPRESSIONS:
            yield from _in_field(name, content, below(place, name), language)


def _in_field(name: str, content: Json, place: str, language: QueryLanguage) -> References:
    match content:
        case str():
            if language is QueryLanguage.JSONATA or name.endswith("Path") or name == "Variable":
                yield from _in_expression(content, place, language)
        case dict():
            yield from _in_object(content, place, language)
        case list():
            for index, item in enumerate(content):
                yield from _in_field("", item, below(place, index), language)


def _in_template(
    value: Json, place: str, language: QueryLanguage, *, is_computed: bool = False
) -> References:
    match value:
        case str():
            if language is QueryLanguage.JSONATA or is_computed:
                yield from _in_expression(value, place, language)
        case dict():
            for name, content in value.items():
                is_computed = name.endswith(".$")
                yield from _in_template(
                    content, below(place, name), language, is_computed=is_computed
                )
        case list():
            for index, item in enumerate(value):
                yield from _in_template(item, below(place, index), language)


def _in_expression(text: str, place: str, language: QueryLanguage) -> References:
    try:
        if language is QueryLanguage.JSON_PATH:
            parse = parse_json_path if text.startswith("$") else parse_intrinsic_call
            names = frozenset(_in_argument(parse(text)))
        else:
            names = _in_jsonata(text) if is_jsonata(text) else frozenset()
    except InvalidExpression:
        return  # the parser of the field reports it
    for name in sorted(names):
        yield place, name


def _in_argument(argument: JsonPath | IntrinsicCall | Literal) -> Iterator[str]:
    match argument:
        case JsonPath(variable=str(name)):
            yield name
        case IntrinsicCall(arguments=arguments):
            for inner in arguments:
                yield from _in_argument(inner)


def _in_jsonata(text: str) -> frozenset[str]:
    found = parse_jsonata(unwrap(text)).references
    # The name of a function of the language may also be that of a variable out of scope.
    return (found.read | found.called.difference(FUNCTIONS)) - {STATES}
