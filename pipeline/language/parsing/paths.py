"""Fields that hold a path, with the defaults of the specification ("Paths")."""

from pipeline.language.parsing.object_reader import ObjectReader, Parsed
from pipeline.language.query.json_path import JsonPath, parse_definite_path, parse_json_path
from pipeline.language.query.reference_path import ReferencePath, parse_reference_path
from pipeline.language.query_language import QueryLanguage


def read_path(reader: ObjectReader, name: str) -> JsonPath | None:
    """A path: ``$`` if absent, None if ``null``."""
    if name not in reader:
        return parse_json_path("$")
    if reader.value(name) is None:
        return None
    return reader.expression(name, parse_json_path)


def read_result_path(reader: ObjectReader) -> ReferencePath | None:
    """``ResultPath``: ``$`` if absent, None if ``null``."""
    if "ResultPath" not in reader:
        return parse_reference_path("$")
    if reader.value("ResultPath") is None:
        return None
    return reader.expression("ResultPath", parse_reference_path)


def constant_or_path(
    reader: ObjectReader, name: str, constant: Parsed | None
) -> Parsed | JsonPath | None:
    """A field that is either a constant or, in JSONPath, the path ``<name>Path``.

    Args:
        reader: The state.
        name: The field of the constant.
        constant: Its value.
    """
    if reader.language is QueryLanguage.JSONATA:
        return constant
    reader.at_most_one(name, f"{name}Path")
    path = reader.expression(f"{name}Path", parse_definite_path)
    return path if constant is None else constant
