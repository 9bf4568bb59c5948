"""Parses the Map state in both modes (specification: "Map State")."""

import re
from collections.abc import Callable

from pipeline.language.errors import INVALID_LABEL_NAME
from pipeline.language.fields import Expression, Template
from pipeline.language.parsing.data_flow import read_data_flow
from pipeline.language.parsing.numbers import read_integer, read_number
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.shared_fields import (
    read_error_handling,
    read_state_fields,
    read_transition,
)
from pipeline.language.parsing.states.item_batcher import read_item_batcher
from pipeline.language.parsing.states.item_reader import read_item_reader
from pipeline.language.parsing.states.processor_config import ProcessorConfig, read_processor_config
from pipeline.language.parsing.states.result_writer import read_result_writer
from pipeline.language.parsing.templates import read_jsonata, read_jsonata_string, read_template
from pipeline.language.query.json_path import parse_definite_path, parse_json_path
from pipeline.language.query_language import QueryLanguage
from pipeline.language.state_machine import SubStateMachine
from pipeline.language.states.map import Map, ProcessorMode

_DISTRIBUTED_ONLY = (
    "ItemBatcher",
    "ItemReader",
    "Label",
    "ResultWriter",
)

MAX_LABEL_LENGTH = 40
"""The maximum number of characters of a Label."""

_NOT_IN_LABELS = re.compile(r"""[\s?*<>{}\[\]:;,\\|^~$#%&`"/\x00-\x1f\x7f-\x9f]""")


def parse_map(
    reader: ObjectReader, name: str, parse_scope: Callable[[ObjectReader], SubStateMachine]
) -> Map:
    """Parse a Map state."""
    config, processor = _parse_processor(reader, parse_scope)
    if config.mode is ProcessorMode.INLINE:
        _reject_distributed_fields(reader)
    return Map(
        **read_state_fields(reader, name),
        **read_error_handling(reader),
        **read_transition(reader),
        flow=read_data_flow(reader, "Assign", "ResultPath", "ResultSelector"),
        items=_read_items(reader, config.mode),
        item_reader=read_item_reader(reader),
        item_selector=_read_item_selector(reader),
        item_batcher=read_item_batcher(reader),
        result_writer=read_result_writer(reader),
        processor=processor,
        mode=config.mode,
        execution_type=config.execution_type,
        max_concurrency=read_integer(reader, "MaxConcurrency", minimum=0) or 0,
        tolerated_failure_count=read_integer(reader, "ToleratedFailureCount", minimum=0),
        tolerated_failure_percentage=read_number(
            reader, "ToleratedFailurePercentage", minimum=0, maximum=100
        ),
        label=_read_label(reader),
    )


def _parse_processor(
    reader: ObjectReader, parse_scope: Callable[[ObjectReader], SubStateMachine]
) -> tuple[ProcessorConfig, SubStateMachine]:
    """Parse ItemProcessor, or Iterator, its deprecated name; a scope without states if absent."""
    reader.exactly_one("ItemProcessor", "Iterator")
    field = "ItemProcessor" if "ItemProcessor" in reader else "Iterator"
    processor = reader.object(field)
    if processor is None:
        return ProcessorConfig(), SubStateMachine(scope=reader.place, start_at="", states={})
    processor.text("Comment")
    config = read_processor_config(processor)
    scope = parse_scope(processor)
    processor.reject_unknown_fields(f"an {field}")
    return config, scope


def _read_items(reader: ObjectReader, mode: ProcessorMode) -> Expression | None:
    """``Items``, or in JSONPath ``ItemsPath``, which is ``$`` if absent."""
    if reader.language is QueryLanguage.JSONATA:
        types = (list,) if mode is ProcessorMode.INLINE else (list, dict)
        return read_jsonata_string(reader, "Items") or read_jsonata(reader, "Items", *types)
    return reader.expression("ItemsPath", parse_definite_path) or parse_json_path("$")


def _read_item_selector(reader: ObjectReader) -> Template | None:
    """ItemSelector, or in JSONPath Parameters, its deprecated name."""
    if reader.language is QueryLanguage.JSONATA:
        return read_template(reader, "ItemSelector")
    reader.at_most_one("ItemSelector", "Parameters")
    return read_template(reader, "ItemSelector" if "ItemSelector" in reader else "Parameters")


def _reject_distributed_fields(reader: ObjectReader) -> None:
    for name in _DISTRIBUTED_ONLY:
        if name in reader:
            reader.problem(f"'{name}' is allowed only in mode DISTRIBUTED", name)


def _read_label(reader: ObjectReader) -> str | None:
    label = reader.text("Label")
    if label is None:
        return None
    if forbidden := _NOT_IN_LABELS.search(label):
        character = forbidden.group()
        problem = f"Label contains invalid character: '{character}'"
        reader.problem(problem, "Label", code=INVALID_LABEL_NAME)
    elif not 1 <= len(label) <= MAX_LABEL_LENGTH:
        problem = f"'Label' must have 1 to {MAX_LABEL_LENGTH} characters"
        reader.problem(problem, "Label", code=INVALID_LABEL_NAME)
    return label
