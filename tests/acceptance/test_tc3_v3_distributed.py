"""Contract 12, TC-3: the v3 distributed machine (D) with dist1000 and dist310h."""

import json
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import pytest

from pipeline.executions.task_tokens import send_task_heartbeat
from tasks.smart_statebag.bag.keys import content_hash, parse_pointer
from tasks.smart_statebag.bag.state_bucket import load_from_s3
from tests.acceptance.altered_functions import ALTERED, DELAYED
from tests.acceptance.recorded import Recorded
from tests.acceptance.smart_statebag import SmartStateBag, embedded_statebag, state_store
from tests.acceptance.state_machine_documents import place
from tests.acceptance.workflows import dist310, dist310h, dist1000, failing
from tests.machines import only

CHUNKS = 100
HEARTBEAT_SECONDS = 3600
PARTS = {
    "state_s3_path",
    "workflow_config_s3_path",
    "partition_map_s3_path",
}


@pytest.fixture(scope="module")
def statebag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmartStateBag]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MAX_NODES_LIMIT", "1000")
        with embedded_statebag(tmp_path_factory.mktemp("tc3"), altered=ALTERED) as made:
            yield made


@pytest.fixture(scope="module")
def thousand(statebag: SmartStateBag) -> Recorded:
    return statebag.succeed("D", dist1000())


def chunk_outputs(recorded: Recorded) -> list[Any]:
    ends = (child[-1]["executionSucceededEventDetails"]["output"] for child in recorded.children)
    return [json.loads(end) for end in ends]


@pytest.mark.parametrize("moment", ["pre", "post"])
def test_tc3_1_snapshots_are_pointers_under_a_verified_hash(
    thousand: Recorded, moment: str
) -> None:
    path = thousand.bag[f"{moment}_snapshot_s3_path"]
    document: Any = load_from_s3(path, expected_checksum=content_hash(path))
    assert document["snapshot_type"].lower().startswith(moment)
    assert document["is_pointer_only"] is True
    assert document["state_data"] is None
    assert all(document[part].startswith("s3://") for part in PARTS)
    assert document["execution_id"] == thousand.arn


def test_tc3_1_create_pre_snapshot_answers_with_a_path_and_an_id(thousand: Recorded) -> None:
    [call] = thousand.calls_of("CreatePreSnapshot")
    assert call.result["snapshot_s3_path"] == thousand.bag["pre_snapshot_s3_path"]
    document: Any = load_from_s3(call.result["snapshot_s3_path"])
    assert document["snapshot_id"] == call.result["snapshot_id"]
    base = thousand.bags[0]["state_s3_path"]
    after: Any = load_from_s3(thousand.bag["post_snapshot_s3_path"])
    assert document["state_s3_path"] == base != after["state_s3_path"]


def test_tc3_2_a_thousand_segments_are_a_hundred_concurrent_chunks_of_ten(
    thousand: Recorded, record_testsuite_property: Any
) -> None:
    assert thousand.bag["distributed_strategy"] == "MAP_REDUCE"
    [prepared] = thousand.calls_of("PrepareDistributedExecution")
    assert (prepared.result["total_chunks"], prepared.result["chunk_size"]) == (CHUNKS, 10)
    assert place("D", "ExecuteDistributedChunks").state["MaxConcurrency"] == 100
    assert [child[-1]["type"] for child in thousand.children] == ["ExecutionSucceeded"] * CHUNKS
    assert [output["status"] for output in chunk_outputs(thousand)] == ["COMPLETED"] * CHUNKS
    peak = peak_concurrency(thousand.children)
    record_testsuite_property("TC-3.2 peak concurrency", peak)
    assert 1 < peak <= 100


def peak_concurrency(children: list[list[Any]]) -> int:
    """Most children that ran at once."""
    starts = [(child[0]["timestamp"], 1) for child in children]
    ends = [(child[-1]["timestamp"], -1) for child in children]
    return max(accumulate(change for _, change in sorted([*starts, *ends])))


def test_tc3_3_every_chunk_has_a_result_below_its_own_path(thousand: Recorded) -> None:
    outputs = chunk_outputs(thousand)
    assert len({output["result_s3_path"] for output in outputs}) == CHUNKS
    for output in outputs:
        assert f"/chunk-results/{output['chunk_id']}/" in output["result_s3_path"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_tc3_3_random_delays_leave_the_final_state_the_same_byte_for_byte(
    statebag: SmartStateBag, thousand: Recorded
) -> None:
    states = {final_bytes(thousand)}
    for _ in range(20):
        states.add(final_bytes(statebag.succeed("D", dist1000(), workflowId=DELAYED)))
    assert len(states) == 1


def final_bytes(recorded: Recorded) -> bytes:
    return state_store().get(parse_pointer(recorded.bag["state_s3_path"]).key).body


def test_tc3_4_results_come_through_the_manifest_of_the_result_writer(thousand: Recorded) -> None:
    [call] = thousand.calls_of("AggregateDistributedResults")
    details = call.given["distributed_results"]["ResultWriterDetails"]
    assert details["Key"].endswith("/manifest.json")
    manifest: Any = json.loads(state_store().get(details["Key"]).body)
    files = manifest["ResultFiles"]
    assert (bool(files["SUCCEEDED"]), files["FAILED"], files["PENDING"]) == (True, [], [])
    records = [
        record
        for file in files["SUCCEEDED"]
        for record in json.loads(state_store().get(file["Key"]).body)
    ]
    assert len(records) == CHUNKS
    assert all(isinstance(record["Output"], str) for record in records)


def test_tc3_4_the_summary_and_the_folded_list_are_in_order(thousand: Recorded) -> None:
    summary = thousand.bag["distributed_chunk_summary"]
    assert (summary["total"], summary["succeeded"], summary["failed"]) == (CHUNKS, CHUNKS, 0)
    ids = [result["chunk_id"] for result in summary["chunk_results"]]
    assert ids == [f"chunk_{number:04d}" for number in range(10)]
    appended = [number for number in range(1000) if number % 3]
    assert thousand.final_state["sequence"] == appended


def with_failing_segment() -> Any:
    """The tenth chunk of ten segments fails in the middle."""
    workflow = dist1000()
    workflow["nodes"][95] = failing("n95")
    return workflow


def test_tc3_5_a_failed_chunk_is_named_and_fails_the_execution(statebag: SmartStateBag) -> None:
    recorded = statebag.run("D", with_failing_segment())
    assert recorded.ended.status == "FAILED"
    [failed] = recorded.bag["failed_chunks"]
    assert (failed["chunk_id"], failed["error_type"]) == ("chunk_0009", "StrategyFailed")
    assert recorded.bag["last_error"]["Error"] == "ChunksFailed"
    assert recorded.states[-2:] == ["NotifyAndFail", "WorkflowFailed"]


def test_tc3_5_a_minority_of_failed_chunks_is_tolerated_where_asked(
    statebag: SmartStateBag,
) -> None:
    workflow = {**with_failing_segment(), "failure_policy": "fail_on_majority_failure"}
    recorded = statebag.succeed("D", workflow)
    [call] = recorded.calls_of("AggregateDistributedResults")
    assert call.result["next_action"] == "COMPLETE"
    assert call.result["final_status"] == "PARTIAL_FAILURE"
    assert [failed["chunk_id"] for failed in recorded.bag["failed_chunks"]] == ["chunk_0009"]
    kept = [number for number in range(1000) if number % 3 and not 90 <= number < 100]
    assert recorded.final_state["sequence"] == kept


def test_tc3_6_the_heartbeat_of_a_paused_chunk_is_an_hour(statebag: SmartStateBag) -> None:
    state = place("D", "WaitForChunkCallback", inside="ExecuteDistributedChunks").state
    assert state["HeartbeatSeconds"] == HEARTBEAT_SECONDS
    execution = statebag.start("D", dist310h(), MOCK_MODE="false")
    statebag.open_questions(execution)
    statebag.has_entered(execution, "WaitForChunkCallback")
    scheduled = [
        event["taskScheduledEventDetails"]
        for event in statebag.recorded(execution, None).every_event()
        if event["type"] == "TaskScheduled"
    ]
    waiting = [details for details in scheduled if details["resource"].endswith("waitForTaskToken")]
    assert [details["heartbeatInSeconds"] for details in waiting] == [HEARTBEAT_SECONDS]
    statebag.answer(execution, {"action": "APPROVED"})
    statebag.finish(execution)


def test_tc3_6_an_hour_without_a_heartbeat_is_a_chunk_that_timed_out(
    statebag: SmartStateBag,
) -> None:
    execution = statebag.start("D", dist310h(), MOCK_MODE="false")
    statebag.open_questions(execution)
    statebag.has_entered(execution, "ChunkComplete", 30)
    statebag.clock.skipped += HEARTBEAT_SECONDS + 1
    recorded = statebag.finish(execution)
    assert recorded.ended.status == "FAILED"
    [timed_out] = [each for each in chunk_outputs(recorded) if each["status"] != "COMPLETED"]
    assert (timed_out["status"], timed_out["error"]["Error"]) == ("TIMEOUT", "States.Timeout")
    assert recorded.bag["failed_chunks"][0]["chunk_id"] == timed_out["chunk_id"]


def test_tc3_6_a_heartbeat_in_time_keeps_the_chunk_and_an_answer_finishes_it(
    statebag: SmartStateBag,
) -> None:
    execution = statebag.start("D", dist310h(), MOCK_MODE="false")
    [question] = statebag.open_questions(execution)
    statebag.has_entered(execution, "ChunkComplete", 30)
    statebag.clock.skipped += 3000
    send_task_heartbeat(statebag.platform.engine, question["taskToken"])
    due = statebag.platform.start(only({"Type": "Wait", "Seconds": 2999, "End": True}))
    statebag.clock.skipped += 3000
    statebag.platform.wait(due)  # so timers have been looked at since the hour was over
    statebag.answer(execution, {"action": "APPROVED"})
    recorded = statebag.finish(execution)
    assert recorded.ended.status == "SUCCEEDED", recorded.ended.cause
    assert len(recorded.entered("ResumeChunkAfterCallback")) == 1
    assert recorded.final_state["sequence"] == list(range(310))


@pytest.mark.slow
def test_tc3_7_dependent_segments_are_one_chunk_with_the_final_state_of_a(
    statebag: SmartStateBag,
) -> None:
    distributed = statebag.succeed("D", dist310())
    [output] = chunk_outputs(distributed)
    assert output["segments_processed"] == 310
    assert distributed.final_state == statebag.succeed("A", dist310()).final_state
    assert distributed.final_state["sequence"] == list(range(310))


def test_tc3_7_dependent_segments_are_one_chunk(statebag: SmartStateBag) -> None:
    recorded = statebag.succeed("D", dist310())
    assert [output["chunk_id"] for output in chunk_outputs(recorded)] == ["chunk_0000"]
    assert recorded.final_state["sequence"] == list(range(310))
