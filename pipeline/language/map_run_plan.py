"""The plan of a distributed Map's work before its children run and after they have ended.

It holds the evaluated fields ItemReader, ItemBatcher and ResultWriter.
"""

from dataclasses import dataclass

from pipeline.language.json_value import Json, JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderConfig:
    """How to make items from what is read: ReaderConfig without MaxItems.

    Attributes:
        input_type: InputType, the format of a file; None if no file is read.
        items_pointer: JSON pointer to the array or object with the items, or None.
        csv_headers: Names of the columns of a CSV file; None if its first row holds them.
        csv_delimiter: CSVDelimiter.
        manifest_type: ManifestType of a manifest, or None.
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
    """The source of items that are not read yet (ItemReader).

    Attributes:
        resource: The action that reads: ``arn:aws:states:::s3:getObject`` or ``...:listObjectsV2``.
        arguments: Its effective parameters.
        max_items: The maximum number of items.
    """

    resource: str
    arguments: JsonObject
    max_items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """How to batch items, each batch for one child (ItemBatcher).

    Attributes:
        max_items: The maximum number of items in a batch, or None.
        max_bytes: The maximum size of a child's input, in bytes.
        batch_input: The input that every child gets besides its items, or None.
    """

    max_items: int | None
    max_bytes: int
    batch_input: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTarget:
    """The target of a map run's results (ResultWriter).

    Attributes:
        bucket: The S3 bucket; None leaves the results in the state's result.
        prefix: The prefix of their keys.
        transformation: WriterConfig's Transformation: NONE, COMPACT or FLATTEN.
        output_type: WriterConfig's OutputType: JSON or JSONL.
    """

    bucket: str | None
    prefix: str = ""
    transformation: str = "NONE"
    output_type: str = "JSON"
