"""ResultWriter: the results of a map run as files in S3, in the layout AWS documents.

AWS Step Functions Developer Guide, "ResultWriter (Map)".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.buckets.bucket import Bucket, BucketError, open_bucket
from pipeline.engine import Engine
from pipeline.language.errors import RESULT_WRITER_FAILED, ExecutionError
from pipeline.language.json_value import Json, JsonObject, dump_bytes
from pipeline.language.outcomes import ResultTarget
from pipeline.ledger.rows import FanOutRow
from pipeline.map_run_names import MapRunNames, map_run_names
from pipeline.result_records import records

OUTCOMES = ("FAILED", "PENDING", "SUCCEEDED")

LARGEST_FILE_BYTES = 64 * 1024 * 1024
"""Bytes at which a further file is begun; what is not written yet is held in memory."""


def write_results(engine: Engine, fan_out: FanOutRow, target: ResultTarget) -> JsonObject:
    """Write the results of a map run that is over, and its manifest.

    Returns:
        The result of the Map state: where the manifest is.

    Raises:
        ExecutionError: States.ResultWriterFailed.
    """
    machine, execution = engine.machine_of(fan_out.execution_id)
    parent = engine.parent_of(fan_out)
    names = map_run_names(engine.settings, machine, execution.machine_name, parent, fan_out.id)
    try:
        bucket = open_bucket(target.bucket, engine.settings.s3_directory)
        return _write(engine, fan_out, target, names, bucket)
    except BucketError as error:
        raise ExecutionError(RESULT_WRITER_FAILED, error.message) from error


def _write(
    engine: Engine, fan_out: FanOutRow, target: ResultTarget, names: MapRunNames, bucket: Bucket
) -> JsonObject:
    prefix = "/".join(part for part in (target.prefix.strip("/"), names.id) if part)
    files = {outcome: _Files(bucket, f"{prefix}/{outcome}") for outcome in OUTCOMES}
    for record in records(engine, fan_out, names):
        files[record.outcome].add(record.fields)
    manifest: JsonObject = {
        "DestinationBucket": target.bucket,
        "MapRunArn": names.arn,
        "ResultFiles": {outcome: list(files[outcome].finish()) for outcome in OUTCOMES},
    }
    key = f"{prefix}/manifest.json"
    bucket.put(key, dump_bytes(manifest))
    details: JsonObject = {"Bucket": target.bucket, "Key": key}
    return {"MapRunArn": names.arn, "ResultWriterDetails": details}


@dataclass(slots=True)
class _Files:
    """The numbered files of one outcome, each an array of records."""

    bucket: Bucket
    stem: str
    pending: list[bytes] = field(default_factory=list)
    size: int = 0
    written: list[Json] = field(default_factory=list)

    def add(self, record: JsonObject) -> None:
        """Add a record, and write a file when it is full."""
        encoded = dump_bytes(record)
        self.pending.append(encoded)
        self.size += len(encoded)
        if self.size >= LARGEST_FILE_BYTES:
            self._write()

    def finish(self) -> Iterator[Json]:
        """Write what is left; gives the manifest's entries."""
        if self.pending:
            self._write()
        yield from self.written

    def _write(self) -> None:
        key = f"{self.stem}_{len(self.written)}.json"
        content = b"[" + b",".join(self.pending) + b"]"
        self.bucket.put(key, content)
        entry: JsonObject = {"Key": key, "Size": len(content)}
        self.written.append(entry)
        self.pending, self.size = [], 0
