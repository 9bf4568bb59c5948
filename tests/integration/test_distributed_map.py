"""A distributed Map from its items to its results, embedded: readers, batches, writers, limits."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.executions.lifecycle import stop_execution
from pipeline.executor import message
from pipeline.interpreter.frame import Phase
from pipeline.language.data_limits import MAX_BYTES
from pipeline.ledger.child_executions import PAGE
from pipeline.ledger.fan_outs import fan_outs_of_execution
from pipeline.ledger.frames import find_frame
from pipeline.ledger.rows import ExecutionRow, FanOutRow
from pipeline.ledger.transition import Overtaken
from pipeline.map_runs.buckets.bucket import Bucket
from pipeline.map_runs.buckets.opening import open_bucket
from pipeline.map_runs.keeping_alive import UnderWay
from pipeline.map_runs.status import count
from tests.machines import call, distributed, each, only
from tests.platforms import Platform, embedded_platform

PASS = {"Type": "Pass", "End": True}
WRITER = {
    "Resource": "arn:aws:states:::s3:putObject",
    "Parameters": {"Bucket": "items", "Prefix": "out"},
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    directory = tmp_path_factory.mktemp("embedded")
    with embedded_platform(directory, sweep_interval_seconds=0.25) as platform:
        yield platform


@pytest.fixture
def bucket(platform: Platform) -> Bucket:
    return open_bucket("items", platform.engine.settings.s3_directory)


def reading(key: str, config: dict[str, Any], state: dict[str, Any], **fields: Any) -> Any:
    """A machine of one distributed Map over an object."""
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config,
        "Parameters": {"Bucket": "items", "Key": key},
    }
    return only(each(distributed(state), ItemReader=reader, **fields), "Each")


def mapping(state: dict[str, Any], **fields: Any) -> Any:
    """A machine of one distributed Map over its input."""
    return only(each(distributed(state), **fields), "Each")


def fan_out_of(platform: Platform, execution: ExecutionRow) -> FanOutRow:
    with platform.engine.database.reading() as connection:
        (found,) = fan_outs_of_execution(connection, execution.id)
    return found


def files_of(bucket: Bucket, output: Any) -> dict[str, Any]:
    """The content of the files that a manifest names, by outcome."""
    manifest = json.loads(bucket.get(output["ResultWriterDetails"]["Key"]))
    return {
        outcome: [bucket.get(entry["Key"]) for entry in entries]
        for outcome, entries in manifest["ResultFiles"].items()
    }


def test_the_rows_of_a_csv_file_become_inputs(platform: Platform, bucket: Bucket) -> None:
    bucket.put("rows.csv", b"id;name\n1;one\n2;two\n")
    config = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVDelimiter": "SEMICOLON"}
    selector = {
        "id.$": "States.StringToJson($$.Map.Item.Value.id)",
        "from.$": "$$.Map.Item.Source",
        "all.$": "$",
    }
    ended = platform.run(reading("rows.csv", config, PASS, ItemSelector=selector), {"x": 1})
    assert ended.output == [
        {"id": n, "from": "s3://items/rows.csv", "all": {"x": 1}} for n in (1, 2)
    ]


def test_the_objects_of_a_bucket_become_inputs(platform: Platform, bucket: Bucket) -> None:
    for name in ("a", "b", "c"):
        bucket.put(f"listed/{name}", name.encode() * 3)
    reader = {
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "ReaderConfig": {"MaxItems": 2},
        "Parameters": {"Bucket": "items", "Prefix.$": "$.prefix"},
    }
    selector = {"key.$": "$$.Map.Item.Value.Key", "size.$": "$$.Map.Item.Value.Size"}
    machine = mapping(PASS, ItemReader=reader, ItemSelector=selector)
    assert platform.run(machine, {"prefix": "listed/"}).output == [
        {"key": "listed/a", "size": 3},
        {"key": "listed/b", "size": 3},
    ]


def test_a_child_works_on_a_batch_and_its_items_are_counted(
    platform: Platform, bucket: Bucket
) -> None:
    lines = b"".join(b'{"n": %d}\n' % number for number in range(2350))
    bucket.put("many.jsonl", lines)
    batcher = {"MaxItemsPerBatch": 100, "BatchInput": {"run.$": "$.run"}}
    selector = {"index.$": "$$.Map.Item.Index", "n.$": "$$.Map.Item.Value.n"}
    machine = reading(
        "many.jsonl", {"InputType": "JSONL"}, PASS, ItemBatcher=batcher, ItemSelector=selector
    )
    execution = platform.start(machine, {"run": "r"})
    batches = platform.wait(execution).output
    assert [len(batch["Items"]) for batch in batches] == [100] * 23 + [50]
    assert {json.dumps(batch["BatchInput"]) for batch in batches} == {'{"run": "r"}'}
    items = [item for batch in batches for item in batch["Items"]]
    assert items == [{"index": number, "n": number} for number in range(2350)]
    fan_out = fan_out_of(platform, execution)
    assert (fan_out.total, fan_out.items) == (24, 2350)


def test_items_of_the_state_itself_are_put_together_too(platform: Platform) -> None:
    machine = mapping(PASS, ItemBatcher={"MaxInputBytesPerBatch": 41}, ItemsPath="$.all")
    ended = platform.run(machine, {"all": ["x" * 12] * 4})
    assert ended.output == [{"Items": ["x" * 12] * 2}] * 2


def test_the_items_of_a_failed_batch_count_as_failed(platform: Platform) -> None:
    def machine(tolerated: int) -> Any:
        return mapping(
            call("fail"), ItemBatcher={"MaxItemsPerBatch": 3}, ToleratedFailureCount=tolerated
        )

    execution = platform.start(machine(6), list(range(6)))
    assert platform.wait(execution).status == "SUCCEEDED"
    with platform.engine.database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT phase, item_count FROM frames WHERE fan_out_id = ?",
            (fan_out_of(platform, execution).id,),
        ).all()
    assert rows == [(Phase.FAILED, 3)] * 2
    ended = platform.run(machine(5), list(range(6)))
    assert (ended.status, ended.error, ended.cause) == (
        "FAILED",
        "States.ExceedToleratedFailureThreshold",
        "The specified tolerated failure threshold was exceeded",
    )


def test_an_item_too_large_for_a_batch_fails_the_state(platform: Platform) -> None:
    machine = mapping(PASS, ItemBatcher={"MaxInputBytesPerBatch": 30})
    execution = platform.start(machine, ["small", "x" * 40])
    ended = platform.wait(execution)
    assert (ended.status, ended.error) == ("FAILED", "States.ItemReaderFailed")
    assert platform.types(execution)[-4:] == [
        "MapRunStarted",
        "MapRunFailed",
        "MapStateFailed",
        "ExecutionFailed",
    ]


def test_the_pairs_of_an_object_become_inputs(platform: Platform) -> None:
    machine = mapping(PASS, ItemsPath="$.prices")
    given = {"prices": {"apple": 1, "pear": 2}}
    assert platform.run(machine, given).output == [
        {"Key": "apple", "Value": 1},
        {"Key": "pear", "Value": 2},
    ]


@pytest.mark.parametrize(
    ("transformation", "expected"),
    [("COMPACT", [[1, 2], [], "x"]), ("FLATTEN", [1, 2, "x"])],
)
def test_a_transformation_shapes_the_result_of_the_state(
    platform: Platform, transformation: str, expected: list[Any]
) -> None:
    writer = {"WriterConfig": {"Transformation": transformation, "OutputType": "JSON"}}
    machine = mapping(PASS, ResultWriter=writer)
    assert platform.run(machine, [[1, 2], [], "x"]).output == expected


def test_without_transformation_the_result_tells_of_each_child(platform: Platform) -> None:
    writer = {"WriterConfig": {"Transformation": "NONE"}}
    (record,) = platform.run(mapping(call("double"), ResultWriter=writer), [4]).output
    assert (record["Input"], record["Output"], record["Status"]) == ("4", "8", "SUCCEEDED")


def test_files_of_json_lines_hold_the_elements_of_all_outputs(
    platform: Platform, bucket: Bucket
) -> None:
    config = {"Transformation": "FLATTEN", "OutputType": "JSONL"}
    machine = mapping(PASS, ResultWriter={**WRITER, "WriterConfig": config})
    ended = platform.run(machine, [[1, {"a": 2}], ["three"], 4])
    files = files_of(bucket, ended.output)
    assert files == {
        "FAILED": [],
        "PENDING": [],
        "SUCCEEDED": [b'1\n{"a":2}\n"three"\n4\n'],
    }
    manifest = json.loads(bucket.get(ended.output["ResultWriterDetails"]["Key"]))
    assert manifest["ResultFiles"]["SUCCEEDED"][0]["Key"].endswith("/SUCCEEDED_0.jsonl")


def test_more_children_than_a_page_keep_their_order(platform: Platform, bucket: Bucket) -> None:
    count = 2 * PAGE + 1
    config = {"Transformation": "COMPACT", "OutputType": "JSON"}
    machine = mapping(PASS, ResultWriter={**WRITER, "WriterConfig": config})
    files = files_of(bucket, platform.run(machine, list(range(count))).output)
    assert json.loads(files["SUCCEEDED"][0]) == list(range(count))


def test_a_failed_child_is_told_of_in_full_whatever_the_transformation(
    platform: Platform, bucket: Bucket
) -> None:
    config = {"Transformation": "COMPACT", "OutputType": "JSON"}
    machine = mapping(
        call("fail"),
        ResultWriter={**WRITER, "WriterConfig": config},
        ToleratedFailurePercentage=100,
    )
    files = files_of(bucket, platform.run(machine, [7]).output)
    (record,) = json.loads(files["FAILED"][0])
    assert (record["Input"], record["Status"], record["Error"]) == ("7", "FAILED", "NotYet")


def test_results_beyond_the_limit_are_refused(platform: Platform) -> None:
    state = {"Type": "Pass", "Parameters": {"large": "x" * (MAX_BYTES // 3)}, "End": True}
    execution = platform.start(mapping(state), [1, 2, 3])
    ended = platform.wait(execution)
    assert (ended.status, ended.error) == ("FAILED", "States.DataLimitExceeded")
    assert "'Each' returned a result with a size exceeding" in (ended.cause or "")
    assert "MapRunFailed" in platform.types(execution)


def test_an_empty_distributed_map_is_a_map_run_like_any_other(platform: Platform) -> None:
    execution = platform.start(mapping(PASS), [])
    assert platform.wait(execution).output == []
    (started,) = [e for e in platform.history(execution) if e.type == "MapRunStarted"]
    assert started.details["mapRunArn"] == fan_out_of(platform, execution).arn


def test_a_stopped_map_run_says_so_and_the_items_of_its_batches_are_counted(
    platform: Platform,
) -> None:
    wait = {"Type": "Wait", "Seconds": 600, "End": True}
    machine = mapping(wait, ItemBatcher={"MaxItemsPerBatch": 4}, MaxConcurrency=2)
    execution = platform.start(machine, list(range(20)))

    def running() -> int:
        run = fan_out_of(platform, execution)
        return count(platform.engine, run).items.running

    platform.until(lambda: running() == 8)
    stop_execution(platform.engine, execution.arn)
    assert platform.types(execution)[-3:] == [
        "MapRunAborted",
        "MapStateAborted",
        "ExecutionAborted",
    ]
    run = fan_out_of(platform, execution)
    counts = count(platform.engine, run).items
    assert (counts.aborted, counts.pending, counts.total) == (8, 12, 20)


def express(*, start_at: str, **states: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    return {"ProcessorConfig": config, "StartAt": start_at, "States": states}


def test_express_children_run_in_one_go(platform: Platform) -> None:
    processor = express(
        start_at="Rest",
        Rest={"Type": "Wait", "Seconds": 0, "Next": "Inner"},
        Inner=each(only(call("double")), ItemsPath="$.numbers"),
    )
    writer = {"WriterConfig": {"Transformation": "NONE"}}
    machine = only(each(processor, ResultWriter=writer), "Each")
    execution = platform.start(machine, [{"numbers": [1, n]} for n in range(3)])
    records = platform.wait(execution).output
    assert [record["Output"] for record in records] == ["[2,0]", "[2,2]", "[2,4]"]
    assert records[1]["Input"] == '{"numbers":[1,1]}'
    with platform.engine.database.reading() as connection:
        versions = connection.exec_driver_sql(
            "SELECT version FROM frames WHERE execution_id = ? AND fan_out_id IS NOT NULL",
            (execution.id,),
        ).all()
    assert versions == [(1,)] * 3


def test_an_express_child_that_fails_fails_its_map_run(platform: Platform) -> None:
    processor = express(start_at="Try", Try=call("fail"))
    ended = platform.run(only(each(processor), "Each"), [1])
    assert ended.error == "States.ExceedToleratedFailureThreshold"
    tolerant = each(processor, ToleratedFailureCount=1)
    (record,) = platform.run(only(tolerant, "Each"), [1]).output
    assert (record["Status"], record["Error"]) == ("FAILED", "NotYet")


def test_a_lane_goes_on_in_another_message_when_one_has_lasted_long(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message, "MAX_SECONDS", 0.0)
    items = list(range(25))
    assert platform.run(mapping(PASS, MaxConcurrency=3), items).output == items
    inline = only(each(only(call("double")), MaxConcurrency=2))
    assert platform.run(inline, items).output == [2 * item for item in items]


def test_reader_batcher_and_writer_are_written_in_jsonata_too(
    platform: Platform, bucket: Bucket
) -> None:
    bucket.put("three.jsonl", b"1\n2\n3\n")
    state = {
        "Type": "Map",
        "QueryLanguage": "JSONata",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSONL", "MaxItems": "{% $states.input.most %}"},
            "Arguments": {"Bucket": "items", "Key": "{% $states.input.key %}"},
        },
        "ItemSelector": {
            "index": "{% $states.context.Map.Item.Index %}",
            "tenfold": "{% 10 * $states.context.Map.Item.Value %}",
        },
        "ItemBatcher": {
            "MaxItemsPerBatch": "{% $states.input.most - 1 %}",
            "BatchInput": {"key": "{% $states.input.key %}"},
        },
        "ItemProcessor": distributed(PASS),
        "ResultWriter": {
            "Resource": WRITER["Resource"],
            "Arguments": {"Bucket": "items", "Prefix": "{% 'of ' & $states.input.key %}"},
            "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"},
        },
        "End": True,
    }
    ended = platform.run(only(state), {"key": "three.jsonl", "most": 2})
    assert ended.output["ResultWriterDetails"]["Key"].startswith("of three.jsonl/")
    lines = files_of(bucket, ended.output)["SUCCEEDED"][0].splitlines()
    assert [json.loads(line) for line in lines] == [
        {"BatchInput": {"key": "three.jsonl"}, "Items": [{"index": n, "tenfold": 10 * (n + 1)}]}
        for n in range(2)
    ]


def test_a_stage_that_takes_long_puts_the_waking_off_until_its_map_run_is_over(
    platform: Platform,
) -> None:
    wait = {"Type": "Wait", "Seconds": 600, "End": True}
    execution = platform.start(mapping(wait), [1])
    platform.until(lambda: "MapRunStarted" in platform.types(execution))
    engine = platform.engine
    with engine.database.reading() as connection:
        (run,) = fan_outs_of_execution(connection, execution.id)
    soonest = engine.redelivery_at()
    UnderWay(engine, run, 0.0)()
    with engine.database.reading() as connection:
        frame = find_frame(connection, execution.id)
    assert frame is not None
    assert (frame.wake_at or 0.0) >= soonest
    stop_execution(engine, execution.arn)
    with pytest.raises(Overtaken):
        UnderWay(engine, run, 0.0)()
