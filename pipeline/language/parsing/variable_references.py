"""The variables that the fields of a definition name, found in its JSON.

In JSONPath a variable begins a path or an argument of an intrinsic function; in JSONata it stands
anywhere in a string that is wrapped in ``{% %}``.
"""

import re
from collections.abc import Iterator

from pipeline.language.errors import InvalidExpression
from pipeline.language.json_value import Json
from pipeline.language.places import below
from pipeline.language.query.jsonata import is_jsonata, parse_jsonata, unwrap

_PATH_FIELD = re.compile(r".*(?:\.\$|Path)|Variable", re.DOTALL)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_REFERENCE = re.compile(r"(?<!\$)\$([^\W\d]\w*)")


def variable_references(value: Json, place: str) -> Iterator[tuple[str, str]]:
    """The variables that are named below a value, each with its place."""
    match value:
        case str() if is_jsonata(value):
            for name in _named_in_jsonata(value):
                yield place, name
        case list():
            for index, item in enumerate(value):
                yield from variable_references(item, below(place, index))
        case dict():
            for field, content in value.items():
                if field == "Result" and "Type" in value:
                    continue  # a Pass state's fixed result is no template
                yield from _named_in_field(field, content, below(place, field))


def _named_in_field(field: str, content: Json, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(content, str) and _PATH_FIELD.fullmatch(field) and not is_jsonata(content):
        for name in _REFERENCE.findall(_QUOTED.sub("", content)):
            yield place, name
    else:
        yield from variable_references(content, place)


def _named_in_jsonata(text: str) -> frozenset[str]:
    try:
        return parse_jsonata(unwrap(text)).references.variables
    except InvalidExpression:
        return frozenset()  # refused where the field is parsed
