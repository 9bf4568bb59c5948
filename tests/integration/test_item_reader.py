"""ItemReader and ResultWriter of a distributed Map, in both modes."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from pipeline.map_runs.buckets.bucket import Bucket
from pipeline.map_runs.buckets.opening import open_bucket
from tests.machines import call, distributed, each, only
from tests.platforms import Platform


def bucket_name(platform: Platform) -> str:
    """A bucket that is there: the one of the object store, where that is in S3."""
    return urlsplit(platform.engine.settings.object_store).netloc or "items"


def bucket(platform: Platform) -> Bucket:
    return open_bucket(bucket_name(platform), platform.engine.settings.s3_directory)


def put(platform: Platform, key: str, content: bytes) -> dict[str, Any]:
    """Store an object; returns the input from which the machines below take its place."""
    bucket(platform).put(key, content)
    return {"bucket": bucket_name(platform), "key": key, "factor": 3}


def reading(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON", **fields.pop("config", {})},
        "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.key"},
    }
    return each(processor, ItemReader=reader, **fields)


def writing(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket.$": "$.bucket", "Prefix.$": "States.Format('out/{}', $.key)"},
    }
    return reading(processor, ResultWriter=writer, **fields)


def read_json(platform: Platform, key: str) -> Any:
    return json.loads(bucket(platform).get(key))


def test_items_come_from_a_json_array_in_s3(platform: Platform) -> None:
    given = put(platform, "many.json", json.dumps(list(range(1200))).encode())
    selector = {"item.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "by.$": "$.factor"}
    ended = platform.run(
        only(
            reading(
                distributed({"Type": "Pass", "End": True}),
                ItemSelector=selector,
                ResultSelector={
                    "first.$": "$[0]",
                    "last.$": "$[1199]",
                    "n.$": "States.ArrayLength($)",
                },
                MaxConcurrency=6,
            )
        ),
        given,
    )
    assert ended.output == {
        "first": {"item": 0, "index": 0, "by": 3},
        "last": {"item": 1199, "index": 1199, "by": 3},
        "n": 1200,
    }


def test_max_items_leaves_the_rest_unread(platform: Platform) -> None:
    given = put(platform, "ten.json", json.dumps(list(range(10))).encode())
    ended = platform.run(
        only(reading(distributed(call("double")), config={"MaxItemsPath": "$.factor"})), given
    )
    assert ended.output == [0, 2, 4]


def test_an_empty_array_gives_an_empty_result(platform: Platform) -> None:
    ended = platform.run(
        only(reading(distributed(call("double")))), put(platform, "none.json", b"[]")
    )
    assert (ended.status, ended.output) == ("SUCCEEDED", [])


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b'"text"', "Attempting to map over non-iterable node."),
        (b"[1, 2", "The content of the file is not valid JSON"),
        (None, "The specified key does not exist."),
    ],
)
def test_what_cannot_be_read_fails_the_state_and_can_be_caught(
    platform: Platform, content: bytes | None, cause: str
) -> None:
    given = put(platform, "bad.json", content or b"")
    if content is None:
        given["key"] = "not-there.json"
    catch = [
        {
            "ErrorEquals": ["States.ItemReaderFailed"],
            "ResultPath": "$.caught",
            "Next": "Recover",
        }
    ]
    state = reading(distributed(call("double")), Catch=catch)
    machine = only(state, "Read")
    machine["States"]["Recover"] = {"Type": "Pass", "OutputPath": "$.caught", "End": True}
    execution = platform.start(machine, given)
    ended = platform.wait(execution)
    assert ended.status == "SUCCEEDED"
    assert ended.output["Error"] == "States.ItemReaderFailed"
    assert ended.output["Cause"].startswith(cause)
    assert "MapRunFailed" in platform.types(execution)


def test_a_reader_inside_a_branch_keeps_the_seat_of_its_branch(platform: Platform) -> None:
    good = put(platform, "good.json", b"[1, 2, 3]")
    branches = [
        only(reading(distributed(call("double")))),
        only(
            reading(
                distributed(call("double")),
                InputPath="$.bad",
                Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Instead"}],
            ),
            "Bad",
        ),
    ]
    branches[1]["States"]["Instead"] = {"Type": "Pass", "OutputPath": "$.Error", "End": True}
    parallel = {"Type": "Parallel", "Branches": branches, "End": True}
    given = {**good, "bad": {**good, "key": "nowhere.json"}}
    ended = platform.run(only(parallel), given)
    assert ended.output == [[2, 4, 6], "States.ItemReaderFailed"]


def test_results_are_written_with_a_manifest(platform: Platform) -> None:
    given = put(platform, "five.json", b"[1, 2, 3, 4, 5]")
    execution = platform.start(only(writing(distributed(call("double")), Label="Doubles")), given)
    ended = platform.wait(execution)
    run_arn = ended.output["MapRunArn"]
    assert run_arn.startswith("arn:aws:states:us-east-1:000000000000:mapRun:machine/Doubles:")
    run = run_arn.rpartition(":")[2]
    assert ended.output["ResultWriterDetails"] == {
        "Bucket": given["bucket"],
        "Key": f"out/five.json/{run}/manifest.json",
    }
    manifest = read_json(platform, f"out/five.json/{run}/manifest.json")
    results = f"out/five.json/{run}/SUCCEEDED_0.json"
    size = len(bucket(platform).get(results))
    assert manifest == {
        "DestinationBucket": given["bucket"],
        "MapRunArn": run_arn,
        "ResultFiles": {
            "FAILED": [],
            "PENDING": [],
            "SUCCEEDED": [{"Key": results, "Size": size}],
        },
    }
    records = read_json(platform, results)
    assert [(record["Input"], record["Output"]) for record in records] == [
        (str(n), str(2 * n)) for n in range(1, 6)
    ]
    first = records[0]
    assert first["ExecutionArn"] == (
        f"arn:aws:states:us-east-1:000000000000:execution:machine/Doubles:{first['Name']}"
    )
    assert first["StateMachineArn"].endswith(":stateMachine:machine/Doubles")
    assert first["InputDetails"] == first["OutputDetails"] == {"Included": True}
    assert (first["Status"], first["RedriveCount"]) == ("SUCCEEDED", 0)
    assert first["StartDate"] <= first["StopDate"]
    assert len({record["Name"] for record in records}) == 5
    started = [event for event in platform.history(execution) if event.type == "MapRunStarted"]
    assert started[0].details["mapRunArn"] == run_arn


def test_an_exceeded_threshold_leaves_what_failed_and_what_never_ran(platform: Platform) -> None:
    given = put(platform, "failing.json", json.dumps([{"n": n} for n in range(30)]).encode())
    catch = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "Over"}]
    state = writing(
        distributed(call("fail")), MaxConcurrency=1, ToleratedFailureCount=2, Catch=catch
    )
    machine = only(state, "Each")
    machine["States"]["Over"] = {"Type": "Pass", "End": True}
    execution = platform.start(machine, given)
    assert platform.wait(execution).output["Error"] == "States.ExceedToleratedFailureThreshold"
    (started,) = [e for e in platform.history(execution) if e.type == "MapRunStarted"]
    run = started.details["mapRunArn"].rpartition(":")[2]
    files = read_json(platform, f"out/failing.json/{run}/manifest.json")["ResultFiles"]
    assert files["SUCCEEDED"] == []
    failed = read_json(platform, files["FAILED"][0]["Key"])
    pending = read_json(platform, files["PENDING"][0]["Key"])
    assert len(failed) + len(pending) == 30
    assert len(failed) >= 3
    assert {(r["Status"], r["Error"]) for r in failed[:3]} == {("FAILED", "NotYet")}
    assert json.loads(pending[-1]["Input"]) == {"n": 29}
    assert pending[-1]["Status"] == "PENDING"


def test_results_that_cannot_be_written_fail_the_state(platform: Platform) -> None:
    given = put(platform, "two.json", b"[1, 2]")
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "no/bucket", "Prefix": "out"},
    }
    ended = platform.run(only(reading(distributed(call("double")), ResultWriter=writer)), given)
    assert (ended.status, ended.error) == ("FAILED", "States.ResultWriterFailed")


def test_an_empty_map_still_writes_its_manifest(platform: Platform) -> None:
    given = {"bucket": bucket_name(platform), "key": "empty", "items": []}
    state = writing(distributed(call("double")), ItemsPath="$.items")
    del state["ItemReader"]
    ended = platform.run(only(state), given)
    manifest = read_json(platform, ended.output["ResultWriterDetails"]["Key"])
    assert manifest["ResultFiles"] == {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
