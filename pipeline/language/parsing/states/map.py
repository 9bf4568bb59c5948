"""Parses the Map state in both modes (specification: "Map State")."""

import re
from collections.abc import Callable

from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.paths import constant_or_path, read_result_path
from pipeline.language.parsing.seams import refuse_unsupported
from pipeline.language.parsing.shared_fields import (
    read_error_handling,
    read_input_output,
    read_state_fields,
    read_transition,
)
from pipeline.language.parsing.states.item_reader import read_item_reader, read_result_writer
from pipeline.language.parsing.states.processor_config import ProcessorConfig, read_processor_config
from pipeline.language.query.json_path import JsonPath, parse_json_path
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.state_machine import SubStateMachine
from pipeline.language.states.map import Map, ProcessorMode

_DISTRIBUTED_ONLY = (
    "ItemReader",
    "Label",
    "ResultWriter",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
)

_LABEL = re.compile(r"""[^\s?*<>{}\[\]:;,\\|^~$#%&`"/\x00-\x1f\x7f-\x9f]{1,40}""")


def parse_map(
    reader: ObjectReader, name: str, parse_scope: Callable[[ObjectReader], SubStateMachine]
) -> Map:
    """Parse a Map state."""
    refuse_unsupported(reader, "Assign", "ItemBatcher", "Items", "Output")
    config, processor = _parse_processor(reader, parse_scope)
    if config.mode is ProcessorMode.INLINE:
        _refuse_distributed_fields(reader)
    max_concurrency = reader.integer("MaxConcurrency", minimum=0)
    count = reader.integer("ToleratedFailureCount", minimum=0)
    percentage = reader.number("ToleratedFailurePercentage", minimum=0, maximum=100)
    return Map(
        **read_state_fields(reader, name),
        **read_input_output(reader),
        **read_error_handling(reader),
        **read_transition(reader),
        parameters=None,
        result_selector=reader.template("ResultSelector"),
        result_path=read_result_path(reader),
        items_path=_read_items_path(reader),
        item_reader=read_item_reader(reader),
        item_selector=_read_item_selector(reader),
        result_writer=read_result_writer(reader),
        processor=processor,
        mode=config.mode,
        execution_type=config.execution_type,
        max_concurrency=constant_or_path(reader, "MaxConcurrency", max_concurrency) or 0,
        tolerated_failure_count=constant_or_path(reader, "ToleratedFailureCount", count),
        tolerated_failure_percentage=constant_or_path(
            reader, "ToleratedFailurePercentage", percentage
        ),
        label=_read_label(reader),
    )


def _parse_processor(
    reader: ObjectReader, parse_scope: Callable[[ObjectReader], SubStateMachine]
) -> tuple[ProcessorConfig, SubStateMachine]:
    """Parse ItemProcessor, or Iterator, its deprecated name; without states if there is none."""
    reader.exactly_one("ItemProcessor", "Iterator")
    field = "ItemProcessor" if "ItemProcessor" in reader else "Iterator"
    processor = reader.object(field)
    if processor is None:
        return ProcessorConfig(), SubStateMachine(scope=reader.place, start_at="", states={})
    processor.text("Comment")
    config = read_processor_config(processor)
    scope = parse_scope(processor)
    processor.refuse_unknown_fields(f"an {field}")
    return config, scope


def _read_items_path(reader: ObjectReader) -> JsonPath:
    return reader.expression("ItemsPath", parse_json_path) or parse_json_path("$")


def _read_item_selector(reader: ObjectReader) -> PayloadTemplate | None:
    """ItemSelector, or Parameters, its deprecated name."""
    reader.at_most_one("ItemSelector", "Parameters")
    return reader.template("ItemSelector" if "ItemSelector" in reader else "Parameters")


def _refuse_distributed_fields(reader: ObjectReader) -> None:
    for name in _DISTRIBUTED_ONLY:
        if name in reader:
            reader.problem(f"'{name}' is allowed only in mode DISTRIBUTED", name)


def _read_label(reader: ObjectReader) -> str | None:
    label = reader.text("Label")
    if label is not None and not _LABEL.fullmatch(label):
        reader.problem(
            "'Label' must have 1 to 40 characters, without white space, wildcards, brackets,"
            ' control characters or any of " # % \\ ^ | ~ ` $ & , ; : /',
            "Label",
        )
    return label
