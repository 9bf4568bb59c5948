"""Parses ResultWriter (specification: "Map State").

AWS Step Functions Developer Guide, "ResultWriter (Map)": it names the target of the results, or
their format (WriterConfig), or both; AWS also accepts one that names neither.
"""

from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.states.s3_parameters import parameters_field, read_s3_parameters
from pipeline.language.states.result_writer import PUT_OBJECT, ResultWriter

_TRANSFORMATIONS = ("NONE", "COMPACT", "FLATTEN")
_OUTPUT_TYPES = ("JSON", "JSONL")


def read_result_writer(state: ObjectReader) -> ResultWriter | None:
    """The ResultWriter of a Map state; None if there is none, or after a problem."""
    reader = state.object("ResultWriter")
    if reader is None:
        return None
    is_exported = "Resource" in reader or parameters_field(reader) in reader
    parameters = None
    if is_exported:
        reader.require("Resource")
        reader.one_of("Resource", (PUT_OBJECT,))
        parameters = read_s3_parameters(reader, "Bucket", optional=("Prefix",))
    transformation, output_type = _read_writer_config(reader)
    writer = ResultWriter(
        parameters=parameters,
        transformation=transformation or ("NONE" if is_exported else "COMPACT"),
        output_type=output_type or "JSON",
    )
    reader.reject_unknown_fields("a ResultWriter")
    return writer


def _read_writer_config(writer: ObjectReader) -> tuple[str | None, str | None]:
    config = writer.object("WriterConfig")
    if config is None:
        return None, None
    transformation = config.one_of("Transformation", _TRANSFORMATIONS)
    output_type = config.one_of("OutputType", _OUTPUT_TYPES)
    config.reject_unknown_fields("a WriterConfig")
    return transformation, output_type
