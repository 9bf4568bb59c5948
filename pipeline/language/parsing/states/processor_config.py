"""Parses ProcessorConfig, the mode of a Map state (specification: "Map State")."""

from dataclasses import dataclass

from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.states.map import ProcessorMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorConfig:
    """The mode, and for a distributed Map the type of the child executions."""

    mode: ProcessorMode = ProcessorMode.INLINE
    execution_type: str | None = None


def read_processor_config(processor: ObjectReader) -> ProcessorConfig:
    """Read the ProcessorConfig of an item processor."""
    reader = processor.object("ProcessorConfig")
    if reader is None:
        return ProcessorConfig()
    mode = reader.one_of("Mode", tuple(ProcessorMode)) or ProcessorMode.INLINE
    execution_type = reader.one_of("ExecutionType", ("STANDARD", "EXPRESS"))
    if mode == ProcessorMode.DISTRIBUTED:
        reader.require("ExecutionType")
    elif "ExecutionType" in reader:
        reader.problem("'ExecutionType' is allowed only in mode DISTRIBUTED", "ExecutionType")
    reader.reject_unknown_fields("a ProcessorConfig")
    return ProcessorConfig(mode=ProcessorMode(mode), execution_type=execution_type)
