"""Templates and expressions of a state, in the state's query language.

A JSONata string is wholly wrapped in ``{% %}``. Where AWS takes any JSON value, it may contain such
strings anywhere.
"""

from pipeline.language.fields import Template
from pipeline.language.json_value import Json
from pipeline.language.jsonata_field import JsonataField
from pipeline.language.parsing.object_reader import TYPE_NAMES, ObjectReader
from pipeline.language.places import below
from pipeline.language.query.jsonata import is_jsonata
from pipeline.language.query.jsonata_template import parse_jsonata_template
from pipeline.language.query_language import QueryLanguage

_NOT_EVERYWHERE = frozenset({"result", "errorOutput"})
"""Fields of ``$states`` that exist only after a state's result, or in a catcher."""


def read_template(reader: ObjectReader, name: str) -> Template | None:
    """A template: an object, or a JSONata string that returns one."""
    if reader.language is QueryLanguage.JSON_PATH:
        return reader.payload_template(name)
    return read_jsonata_template(reader, name)


def read_jsonata_template(reader: ObjectReader, name: str) -> JsonataField | None:
    """An object with JSONata strings in it, or a JSONata string that returns one."""
    return read_jsonata_string(reader, name) or read_jsonata(reader, name, dict)


def read_jsonata(
    reader: ObjectReader, name: str, *types: type, sees: str | None = None
) -> JsonataField | None:
    """JSON with JSONata strings in it.

    Args:
        reader: The object that has the field.
        name: The field.
        types: The allowed types of the value; none for any JSON value.
        sees: The field of ``$states`` besides the input and the context, or None.
    """
    if name not in reader:
        return None
    value = reader.fields[name]
    if types and not isinstance(value, types):
        listed = " or ".join(TYPE_NAMES[each] for each in types)
        reader.problem(f"'{name}' must be {listed}, not {TYPE_NAMES[type(value)]}", name)
        return None
    return _parse(reader, name, value, sees)


def read_jsonata_string(reader: ObjectReader, name: str) -> JsonataField | None:
    """A JSONata string; None for any other value, and in a JSONPath state."""
    value = reader.value(name)
    in_jsonata = reader.language is QueryLanguage.JSONATA
    if not in_jsonata or not isinstance(value, str) or not is_jsonata(value):
        return None
    return _parse(reader, name, value, None)


def _parse(reader: ObjectReader, name: str, value: Json, sees: str | None) -> JsonataField:
    template = parse_jsonata_template(value, below(reader.place, name), reader.problems)
    for field in _NOT_EVERYWHERE - {sees}:
        if template.reads(field):
            reader.problem(f"'$states.{field}' is not available in '{name}'", name)
    return JsonataField(name=f"{reader.within}{name}", template=template)
