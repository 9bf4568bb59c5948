"""What a distributed Map is to do before its children run and when they have ended.

The fields of the state, evaluated: ItemReader, ItemBatcher and ResultWriter.
"""

from dataclasses import dataclass

from pipeline.language.json_value import Json, JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderConfig:
    """How what is read becomes items: a ReaderConfig but for MaxItems.

    Attributes:
        input_type: InputType: the format of a file, or None where no file is read.
        items_pointer: JSON pointer to the array or object with the items, or None.
        csv_headers: Names of the columns of a CSV file; None where its first row holds them.
        csv_delimiter: CSVDelimiter.
        manifest_type: ManifestType, where the file is a manifest; or None.
        transformation: Transformation.
    """

    input_type: str | None = None
    items_pointer: str | None = None
    csv_headers: tuple[str, ...] | None = None
    csv_delimiter: str = "COMMA"
    manifest_type: str | None = None
    transformation: str = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSource(ReaderConfig):
    """Items that are still to be read (ItemReader).

    Attributes:
        resource: The action that reads: ``arn:aws:states:::s3:getObject`` or ``...:listObjectsV2``.
        arguments: Its effective parameters.
        max_items: Items that are taken at most.
    """

    resource: str
    arguments: JsonObject
    max_items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """How items are put together, each batch for one child (ItemBatcher).

    Attributes:
        max_items: Items of a batch at most, or None.
        max_bytes: Bytes of a child's input at most.
        batch_input: What every child gets beside its items, or None.
    """

    max_items: int | None
    max_bytes: int
    batch_input: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTarget:
    """What becomes of the results of a map run (ResultWriter).

    Attributes:
        bucket: The S3 bucket they are written to; None leaves them in the state's result.
        prefix: What their keys begin with.
        transformation: WriterConfig's Transformation: NONE, COMPACT or FLATTEN.
        output_type: WriterConfig's OutputType: JSON or JSONL.
    """

    bucket: str | None
    prefix: str = ""
    transformation: str = "NONE"
    output_type: str = "JSON"
