"""Reading what a distributed Map's ResultWriter wrote to S3 (Contract 4.9)."""

from collections.abc import Callable, Iterator

from tasks.smart_statebag.bag.errors import CorruptEnvelope
from tasks.smart_statebag.bag.hydrator import Hydrator
from tasks.smart_statebag.bag.json_value import Json, JsonObject, decode
from tasks.smart_statebag.bag.keys import Pointer
from tasks.smart_statebag.bag.ordering import ORDER_FIELDS
from tasks.smart_statebag.bag.result_items import ResultItem, failed_item, result_item
from tasks.smart_statebag.bag.statuses import FAILED

INLINE_FIELDS = frozenset({"final_state", "new_history_logs", "state_data", "chunk_results"})
"""Dropped after each file: memory holds only the pointers and scalars of thousands of items."""

NESTED_ITEMS = ("chunk_item", "branch_config", "branch_item")
IDENTITY_FIELDS = (*ORDER_FIELDS, "chunk_id", "branch_id")


def is_descriptor(value: Json) -> bool:
    """Whether a Map's result is the descriptor of its ResultWriter instead of the results."""
    return isinstance(value, dict) and isinstance(value.get("ResultWriterDetails"), dict)


def read_results(descriptor: JsonObject, hydrator: Hydrator) -> list[ResultItem]:
    """The items of a Map from its manifest, one result file at a time.

    Raises:
        CorruptEnvelope: The descriptor, the manifest or a file is not of the form AWS documents.
    """
    manifest_path = _manifest_path(descriptor)
    manifest = hydrator.load_afresh(manifest_path)
    files = manifest.get("ResultFiles") if isinstance(manifest, dict) else None
    if not isinstance(manifest, dict) or not isinstance(files, dict):
        raise CorruptEnvelope(manifest_path, "the manifest names no ResultFiles")
    bucket = str(manifest.get("DestinationBucket"))
    return [
        read(record)
        for outcome, read in READERS.items()
        for path in _paths(files.get(outcome), bucket, manifest_path)
        for record in _records(path, hydrator)
    ]


def _manifest_path(descriptor: JsonObject) -> str:
    details = descriptor.get("ResultWriterDetails")
    if not isinstance(details, dict):
        raise CorruptEnvelope("ResultWriter descriptor", "it has no ResultWriterDetails")
    return str(Pointer(bucket=str(details.get("Bucket")), key=str(details.get("Key"))))


def _paths(files: Json, bucket: str, manifest_path: str) -> Iterator[str]:
    if not isinstance(files, list | None):
        raise CorruptEnvelope(manifest_path, "ResultFiles does not hold lists")
    for file in files or []:
        key = file.get("Key") if isinstance(file, dict) else None
        if not isinstance(key, str):
            raise CorruptEnvelope(manifest_path, "a result file has no Key")
        yield str(Pointer(bucket=bucket, key=key))


def _records(path: str, hydrator: Hydrator) -> Iterator[JsonObject]:
    records = hydrator.load_afresh(path)
    if not isinstance(records, list):
        raise CorruptEnvelope(path, "a result file is not a list")
    for record in records:
        if not isinstance(record, dict):
            raise CorruptEnvelope(path, "a record is not an object")
        yield record


def _succeeded(record: JsonObject) -> ResultItem:
    output = _parsed(record.get("Output"))
    payload = output.get("Payload")
    fields = payload if isinstance(payload, dict) else output
    return result_item({key: fields[key] for key in fields if key not in INLINE_FIELDS})


def _failed(record: JsonObject) -> ResultItem:
    return failed_item(_identity(record), str(record.get("Error") or FAILED))


def _pending(record: JsonObject) -> ResultItem:
    return failed_item(_identity(record), "NotRun")


def _identity(record: JsonObject) -> JsonObject:
    item = _parsed(record.get("Input"))
    inner = next((item[name] for name in NESTED_ITEMS if isinstance(item.get(name), dict)), {})
    known = {**(inner if isinstance(inner, dict) else {}), **_present(item)}
    return {name: known[name] for name in IDENTITY_FIELDS if name in known}


def _present(item: JsonObject) -> JsonObject:
    return {name: item[name] for name in IDENTITY_FIELDS if item.get(name) is not None}


def _parsed(text: Json) -> JsonObject:
    if isinstance(text, str):
        try:
            text = decode(text)
        except ValueError as error:
            raise CorruptEnvelope("record", f"Input or Output is not JSON text: {error}") from error
    return text if isinstance(text, dict) else {}


READERS: dict[str, Callable[[JsonObject], ResultItem]] = {
    "SUCCEEDED": _succeeded,
    "FAILED": _failed,
    "PENDING": _pending,
}
"""How a record of each of the manifest's lists is read."""
