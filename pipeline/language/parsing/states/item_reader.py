"""Parses ItemReader (specification: "Map State").

AWS Step Functions Developer Guide, "ItemReader (Map)".
"""

from pipeline.language.map_run_plan import ReaderConfig
from pipeline.language.parsing.numbers import read_integer
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.states.s3_parameters import read_s3_parameters
from pipeline.language.query.payload_template import parse_payload_template
from pipeline.language.states.item_reader import (
    GET_OBJECT,
    LIST_OBJECTS,
    MAX_ITEMS_LIMIT,
    ItemReader,
)

_INPUT_TYPES = ("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET")
_TRANSFORMATIONS = ("NONE", "LOAD_AND_FLATTEN")
_DELIMITERS = ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")
_OF_CSV = ("CSVDelimiter", "CSVHeaderLocation", "CSVHeaders")
_FORMATS = {"ATHENA_DATA": ("CSV", "JSONL", "PARQUET"), "S3_INVENTORY": ("MANIFEST",)}
"""The InputTypes of the files in a manifest, by ManifestType."""

_PARAMETERS = {
    GET_OBJECT: (("Bucket", "Key"), ("VersionId",)),
    LIST_OBJECTS: (("Bucket",), ("Prefix",)),
}
"""The required and the optional parameters of each action."""


def read_item_reader(state: ObjectReader) -> ItemReader | None:
    """The ItemReader of a Map state; None if there is none, or after a problem."""
    reader = state.object("ItemReader")
    if reader is None:
        return None
    reader.require("Resource")
    resource = reader.one_of("Resource", (GET_OBJECT, LIST_OBJECTS)) or GET_OBJECT
    if resource == GET_OBJECT:
        reader.require("ReaderConfig")
    config = reader.object("ReaderConfig")
    required, optional = _PARAMETERS[resource]
    parameters = read_s3_parameters(reader, *required, optional=optional)
    item_reader = ItemReader(
        resource=resource,
        parameters=parameters or parse_payload_template({}, reader.place, reader.problems),
        config=ReaderConfig() if config is None else _read_config(config, resource),
        max_items=(
            None
            if config is None
            else read_integer(config, "MaxItems", minimum=1, maximum=MAX_ITEMS_LIMIT)
        ),
    )
    if config is not None:
        config.reject_unknown_fields("a ReaderConfig")
    reader.reject_unknown_fields("an ItemReader")
    return item_reader


def _read_config(config: ObjectReader, resource: str) -> ReaderConfig:
    transformation = config.one_of("Transformation", _TRANSFORMATIONS) or "NONE"
    if resource != LIST_OBJECTS and "Transformation" in config:
        config.problem(f"'Transformation' is allowed only with '{LIST_OBJECTS}'", "Transformation")
    input_type = config.one_of("InputType", _INPUT_TYPES)
    manifest_type = _read_manifest_type(config, resource, input_type)
    reads_files = resource == GET_OBJECT or transformation == "LOAD_AND_FLATTEN"
    if reads_files and manifest_type != "S3_INVENTORY":
        config.require("InputType")
    return ReaderConfig(
        input_type=input_type,
        items_pointer=_read_items_pointer(config, input_type),
        csv_headers=_read_csv_headers(config, input_type),
        csv_delimiter=config.one_of("CSVDelimiter", _DELIMITERS) or "COMMA",
        manifest_type=manifest_type,
        transformation=transformation,
    )


def _read_manifest_type(config: ObjectReader, resource: str, input_type: str | None) -> str | None:
    """``ManifestType``; the InputType ``MANIFEST`` is the older way to name an S3 inventory."""
    manifest_type = config.one_of("ManifestType", _FORMATS)
    if manifest_type is None and input_type == "MANIFEST":
        manifest_type = "S3_INVENTORY"
    if manifest_type is not None and resource != GET_OBJECT:
        config.problem(f"A manifest is read only with '{GET_OBJECT}'")
    elif manifest_type is not None and input_type not in {None, *_FORMATS[manifest_type]}:
        listed = " or ".join(f"'{name}'" for name in _FORMATS[manifest_type])
        config.problem(f"'InputType' of {manifest_type} must be {listed}", "InputType")
    return manifest_type


def _read_items_pointer(config: ObjectReader, input_type: str | None) -> str | None:
    pointer = config.text("ItemsPointer")
    if pointer is None:
        return None
    if input_type != "JSON":
        config.problem("'ItemsPointer' is allowed only with the InputType JSON", "ItemsPointer")
    if pointer and not pointer.startswith("/"):
        config.problem("'ItemsPointer' must begin with '/'", "ItemsPointer")
    return pointer


def _read_csv_headers(config: ObjectReader, input_type: str | None) -> tuple[str, ...] | None:
    """The names of the columns; None if the first row holds them."""
    if input_type != "CSV":
        for name in _OF_CSV:
            if name in config:
                config.problem(f"'{name}' is allowed only with the InputType CSV", name)
        return None
    config.require("CSVHeaderLocation")
    location = config.one_of("CSVHeaderLocation", ("FIRST_ROW", "GIVEN"))
    headers = config.texts("CSVHeaders")
    if location == "GIVEN":
        config.require("CSVHeaders")
        return headers
    if "CSVHeaders" in config:
        config.problem("'CSVHeaders' is allowed only with GIVEN headers", "CSVHeaders")
    return None
