"""Form encoding of a request's body: Transform with RequestBodyEncoding ``URL_ENCODED``.

AWS Step Functions Developer Guide, "Call HTTPS APIs", RequestEncodingOptions.
"""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote_plus

from pipeline.language.json_value import Json, JsonObject, dumps

Pairs = Iterator[tuple[str, str]]


def _indices(name: str, values: list[Json]) -> Pairs:
    for index, value in enumerate(values):
        yield from _pairs(f"{name}[{index}]", value, _indices)


def _repeat(name: str, values: list[Json]) -> Pairs:
    for value in values:
        yield from _pairs(name, value, _repeat)


def _commas(name: str, values: list[Json]) -> Pairs:
    yield name, ",".join(text_of(value) for value in values)


def _brackets(name: str, values: list[Json]) -> Pairs:
    for value in values:
        yield from _pairs(f"{name}[]", value, _brackets)


ARRAY_FORMATS: Mapping[str, Callable[[str, list[Json]], Pairs]] = {
    "INDICES": _indices,
    "REPEAT": _repeat,
    "COMMAS": _commas,
    "BRACKETS": _brackets,
}
"""The encoding of an array, by ArrayFormat."""


def form_encoded(body: JsonObject, array_format: str) -> str:
    """The fields of a body as ``name=value&...``; those within objects as ``outer[inner]``."""
    expand = ARRAY_FORMATS[array_format]
    pairs = [pair for name, value in body.items() for pair in _pairs(name, value, expand)]
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)


def _pairs(name: str, value: Json, expand: Callable[[str, list[Json]], Pairs]) -> Pairs:
    match value:
        case dict():
            for key, part in value.items():
                yield from _pairs(f"{name}[{key}]", part, expand)
        case list():
            yield from expand(name, value)
        case _:
            yield name, text_of(value)


def text_of(value: Json) -> str:
    """A value as the text of a field, a header or a query parameter."""
    return value if isinstance(value, str) else dumps(value)
