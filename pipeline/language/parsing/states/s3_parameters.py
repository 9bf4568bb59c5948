"""Parses the parameters of an S3 action in ItemReader and ResultWriter."""

from pipeline.language.fields import Template
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.templates import read_template
from pipeline.language.query_language import QueryLanguage

_FIELDS = {QueryLanguage.JSON_PATH: "Parameters", QueryLanguage.JSONATA: "Arguments"}
"""The name of the field in each query language."""


def parameters_field(reader: ObjectReader) -> str:
    """The name of the field in the query language of the state."""
    return _FIELDS[reader.language]


def read_s3_parameters(
    reader: ObjectReader, *required: str, optional: tuple[str, ...] = ()
) -> Template | None:
    """Parameters that hold each required field and no unknown one; see ``_spellings``."""
    field = parameters_field(reader)
    reader.require(field)
    if field not in reader:
        return None
    if isinstance(reader.value(field), dict) and (parameters := reader.object(field)) is not None:
        # Only S3 checks the owner of the bucket.
        _check(parameters, required, (*optional, "ExpectedBucketOwner"))
        parameters.reject_unknown_fields(f"these {field}")
    return read_template(reader, field)


def _check(parameters: ObjectReader, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    for name in (*required, *optional):
        spellings = _spellings(name, parameters.language)
        parameters.at_most_one(*spellings)
        if name in required and not any(spelling in parameters for spelling in spellings):
            parameters.problem(f'The field "{name}" is required but was missing')
        if name in parameters:
            parameters.text(name)


def _spellings(name: str, language: QueryLanguage) -> tuple[str, ...]:
    """The spellings of a parameter: in JSONPath ``<name>.$`` is computed."""
    return (name,) if language is QueryLanguage.JSONATA else (name, f"{name}.$")
