"""ResultWriter: the results of a map run as files in S3, in AWS's documented layout.

AWS Step Functions Developer Guide, "ResultWriter (Map)".
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

from pipeline.engine.engine import Engine
from pipeline.engine.map_run_names import MapRunNames, map_run_names
from pipeline.executor.joins import within_limit
from pipeline.language.errors import RESULT_WRITER_FAILED, ExecutionError
from pipeline.language.json_value import Json, JsonObject, dump_bytes
from pipeline.language.map_run_plan import ResultTarget
from pipeline.ledger.rows import FanOutRow
from pipeline.map_runs.buckets.bucket import Bucket, BucketError
from pipeline.map_runs.buckets.opening import open_bucket
from pipeline.map_runs.result_files import ResultFiles
from pipeline.map_runs.result_records import Record, records

OUTCOMES = ("FAILED", "PENDING", "SUCCEEDED")


def results_as_array(
    engine: Engine, fan_out: FanOutRow, record_made: Callable[[], None]
) -> list[Json]:
    """The results of a map run without ResultWriter's export: the result of the Map state.

    Raises:
        ExecutionError: States.DataLimitExceeded.
    """
    found = records(engine, fan_out, _names(engine, fan_out), fan_out.transformation or "COMPACT")
    return within_limit(engine, fan_out, (record.value for record in _noted(found, record_made)))


def write_results(
    engine: Engine, fan_out: FanOutRow, target: ResultTarget, record_made: Callable[[], None]
) -> JsonObject:
    """Write the results and the manifest of a finished map run.

    Args:
        engine: The engine whose ledger holds them.
        fan_out: The map run.
        target: The bucket, prefix and format.
        record_made: Called after each record.

    Returns:
        The result of the Map state, which names the manifest.

    Raises:
        ExecutionError: States.ResultWriterFailed.
    """
    names = _names(engine, fan_out)
    found = _noted(records(engine, fan_out, names, target.transformation), record_made)
    try:
        bucket = open_bucket(target.bucket or "", engine.settings.s3_directory)
        return _write(found, target, names, bucket)
    except BucketError as error:
        raise ExecutionError(RESULT_WRITER_FAILED, error.message) from error


def _names(engine: Engine, fan_out: FanOutRow) -> MapRunNames:
    execution, parent = (
        engine.executions.cached(fan_out.execution_id),
        engine.fan_outs.parent_of(fan_out),
    )
    return map_run_names(execution.context, execution.machine, parent, fan_out.id)


def _noted(found: Iterator[Record], record_made: Callable[[], None]) -> Iterator[Record]:
    for record in found:
        yield record
        record_made()


def _write(
    found: Iterator[Record], target: ResultTarget, names: MapRunNames, bucket: Bucket
) -> JsonObject:
    prefix = "/".join(part for part in (target.prefix.strip("/"), names.id) if part)
    with ExitStack() as stack:
        files = {
            outcome: stack.enter_context(
                closing(ResultFiles(bucket, f"{prefix}/{outcome}", target.output_type))
            )
            for outcome in OUTCOMES
        }
        for record in found:
            files[record.outcome].add(record.value)
        entries: JsonObject = {outcome: files[outcome].finish() for outcome in OUTCOMES}
    manifest: JsonObject = {
        "DestinationBucket": target.bucket,
        "MapRunArn": names.arn,
        "ResultFiles": entries,
    }
    key = f"{prefix}/manifest.json"
    bucket.put(key, dump_bytes(manifest))
    details: JsonObject = {"Bucket": target.bucket, "Key": key}
    return {"MapRunArn": names.arn, "ResultWriterDetails": details}
