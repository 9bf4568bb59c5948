"""ResultWriter: the target of a distributed Map's results (specification: "Map State")."""

from dataclasses import dataclass

from pipeline.language.errors import RESULT_WRITER_FAILED, ExecutionError
from pipeline.language.fields import Template, fill
from pipeline.language.json_value import Json
from pipeline.language.map_run_plan import ResultTarget
from pipeline.language.visit import Visit

PUT_OBJECT = "arn:aws:states:::s3:putObject"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultWriter:
    """A ResultWriter.

    Attributes:
        parameters: Template of the parameters of ``s3:putObject``; None if the results stay in the
            state's result.
        transformation, output_type: WriterConfig; see ``ResultTarget``.
    """

    parameters: Template | None
    transformation: str
    output_type: str


def result_target(writer: ResultWriter, document: Json, visit: Visit) -> ResultTarget:
    """The target of the results, with evaluated parameters.

    Raises:
        ExecutionError: Parameters cannot be evaluated, or do not name a bucket.
    """
    if writer.parameters is None:
        return ResultTarget(
            bucket=None, transformation=writer.transformation, output_type=writer.output_type
        )
    arguments = fill(writer.parameters, document, visit)
    fields = {"Prefix": "", **arguments} if isinstance(arguments, dict) else {}
    return ResultTarget(
        bucket=_text(fields, "Bucket"),
        prefix=_text(fields, "Prefix"),
        transformation=writer.transformation,
        output_type=writer.output_type,
    )


def _text(fields: dict[str, Json], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ExecutionError(
            RESULT_WRITER_FAILED, f'The value for the field "{name}" must be a STRING'
        )
    return value
