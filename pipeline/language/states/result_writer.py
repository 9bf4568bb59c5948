"""ResultWriter: where a distributed Map leaves its results (specification: "Map State")."""

from dataclasses import dataclass

from pipeline.language.errors import RESULT_WRITER_FAILED, ExecutionError
from pipeline.language.input_output import fill
from pipeline.language.json_value import Json
from pipeline.language.outcomes import ResultTarget
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultWriter:
    """A ResultWriter: the S3 action that writes, and the template of its parameters."""

    resource: str
    parameters: PayloadTemplate


def result_target(writer: ResultWriter, document: Json, visit: Visit) -> ResultTarget:
    """Where the results go.

    Raises:
        ExecutionError: Parameters cannot be evaluated, or name no bucket.
    """
    arguments = fill(writer.parameters, document, visit)
    fields = {"Prefix": "", **arguments} if isinstance(arguments, dict) else {}
    return ResultTarget(bucket=_text(fields, "Bucket"), prefix=_text(fields, "Prefix"))


def _text(fields: dict[str, Json], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ExecutionError(
            RESULT_WRITER_FAILED, f'The value for the field "{name}" must be a STRING'
        )
    return value
