"""Parses ItemReader and ResultWriter (specification: "Map State")."""

from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.paths import constant_or_path
from pipeline.language.parsing.seams import refuse_unsupported, unsupported
from pipeline.language.query.json_path import JsonPath
from pipeline.language.query.payload_template import PayloadTemplate, parse_payload_template
from pipeline.language.states.item_reader import LARGEST_MAX_ITEMS, ItemReader
from pipeline.language.states.result_writer import ResultWriter

_GET_OBJECT = "arn:aws:states:::s3:getObject"
_LIST_OBJECTS = "arn:aws:states:::s3:listObjectsV2"
_PUT_OBJECT = "arn:aws:states:::s3:putObject"
_INPUT_TYPES = ("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET")
_SUPPORTED_INPUT_TYPES = ("JSON",)


def read_item_reader(state: ObjectReader) -> ItemReader | None:
    """The ItemReader of a Map state; None if there is none, or after a problem."""
    reader = state.object("ItemReader")
    if reader is None:
        return None
    resource = reader.one_of("Resource", (_GET_OBJECT, _LIST_OBJECTS))
    reader.require("Resource")
    if resource == _LIST_OBJECTS:
        reader.problem(unsupported(f"the item reader '{_LIST_OBJECTS}'"), "Resource")
    input_type, max_items = _read_config(reader)
    item_reader = ItemReader(
        resource=resource or _GET_OBJECT,
        parameters=_read_parameters(reader, "Bucket", "Key"),
        input_type=input_type,
        max_items=max_items,
    )
    reader.refuse_unknown_fields("an ItemReader")
    return item_reader


def _read_config(reader: ObjectReader) -> tuple[str, int | JsonPath | None]:
    reader.require("ReaderConfig")
    config = reader.object("ReaderConfig")
    if config is None:
        return _SUPPORTED_INPUT_TYPES[0], None
    config.require("InputType")
    input_type = config.one_of("InputType", _INPUT_TYPES) or _SUPPORTED_INPUT_TYPES[0]
    if input_type not in _SUPPORTED_INPUT_TYPES:
        config.problem(unsupported(f"the InputType '{input_type}'"), "InputType")
    limit = config.integer("MaxItems", minimum=1, maximum=LARGEST_MAX_ITEMS)
    max_items = constant_or_path(config, "MaxItems", limit)
    refuse_unsupported(
        config,
        "CSVDelimiter",
        "CSVHeaderLocation",
        "CSVHeaders",
        "ItemsPointer",
        "ManifestType",
        "Transformation",
    )
    config.refuse_unknown_fields("a ReaderConfig")
    return input_type, max_items


def read_result_writer(state: ObjectReader) -> ResultWriter | None:
    """The ResultWriter of a Map state; None if there is none, or after a problem."""
    reader = state.object("ResultWriter")
    if reader is None:
        return None
    reader.require("Resource")
    resource = reader.one_of("Resource", (_PUT_OBJECT,))
    refuse_unsupported(reader, "WriterConfig")
    writer = ResultWriter(
        resource=resource or _PUT_OBJECT,
        parameters=_read_parameters(reader, "Bucket", optional=("Prefix",)),
    )
    reader.refuse_unknown_fields("a ResultWriter")
    return writer


def _read_parameters(
    reader: ObjectReader, *required: str, optional: tuple[str, ...] = ()
) -> PayloadTemplate:
    """Parameters that hold each required field, itself or as ``<field>.$``, and no other."""
    reader.require("Parameters")
    template, parameters = reader.template("Parameters"), reader.object("Parameters")
    if template is None or parameters is None:
        return parse_payload_template({}, reader.place, reader.problems)
    for name in (*required, *optional):
        parameters.at_most_one(name, f"{name}.$")
        if name in required and name not in parameters and f"{name}.$" not in parameters:
            parameters.problem(f"The field '{name}' is missing")
        if name in parameters:
            parameters.text(name)
    # Who owns the bucket and how it is encrypted are checked by S3 alone.
    parameters.at_most_one("ExpectedBucketOwner", "ExpectedBucketOwner.$")
    parameters.refuse_unknown_fields("these Parameters")
    return template
