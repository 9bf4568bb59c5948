"""The parameters of an S3 action, which ItemReader and ResultWriter have."""

from pipeline.language.fields import Template
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.templates import read_template
from pipeline.language.query_language import QueryLanguage

_FIELDS = {QueryLanguage.JSON_PATH: "Parameters", QueryLanguage.JSONATA: "Arguments"}
"""What a state of each query language calls them."""


def parameters_field(reader: ObjectReader) -> str:
    """The name of the field in the query language of the state."""
    return _FIELDS[reader.language]


def read_s3_parameters(
    reader: ObjectReader, *required: str, optional: tuple[str, ...] = ()
) -> Template | None:
    """Parameters that hold each required field, itself or as ``<field>.$``, and no other."""
    field = parameters_field(reader)
    reader.require(field)
    if field not in reader:
        return None
    if isinstance(reader.value(field), dict) and (parameters := reader.object(field)) is not None:
        # Who owns the bucket is checked by S3 alone.
        _check(parameters, required, (*optional, "ExpectedBucketOwner"))
    return read_template(reader, field)


def _check(parameters: ObjectReader, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    for name in (*required, *optional):
        parameters.at_most_one(name, f"{name}.$")
        if name in required and name not in parameters and f"{name}.$" not in parameters:
            parameters.problem(f"The field '{name}' is missing")
        if name in parameters:
            parameters.text(name)
    parameters.refuse_unknown_fields("these Parameters")
