"""Running a chunk, of B and of D (Contract 8.2)."""

from pathlib import Path
from typing import Any

import pytest

from tasks.smart_statebag.bag.errors import InvalidInput, StorageUnavailable
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.storage import StateStorage
from tests.clocks import FakeClock
from tests.unit.smart_statebag.distributed.desk import BASE, ChunkDesk, Remaining, open_desk
from tests.unit.smart_statebag.distributed.workflows import appending, chained, failing, unconnected

KEYS = {
    "chunk_id",
    "chunk_index",
    "execution_order",
    "status",
    "processed_segments",
    "segments_processed",
    "failed_segments",
    "final_state",
    "final_state_s3_path",
    "result_s3_path",
    "logs_s3_path",
    "next_segment",
    "paused_segment_id",
    "execution_time",
    "execution_summary",
    "chunk_results",
    "error",
    "error_type",
}
ANSWER: JsonObject = {"status": "RESUMED", "userResponse": "yes", "pause_id": "p"}


@pytest.fixture
def desk(storage: StateStorage, clock: FakeClock) -> ChunkDesk:
    return open_desk(unconnected(4), storage, clock)


@pytest.fixture
def asking(storage: StateStorage, clock: FakeClock) -> ChunkDesk:
    """A chain whose third segment waits for a person."""
    return open_desk(chained(4, hitp=2), storage, clock)


def completing(event: Any, context: Any) -> JsonObject:
    """A runner that only says that a segment is complete."""
    return {"status": "COMPLETE", "final_state": {"last": event["segment_to_run"]}}


def crashing(event: Any, context: Any) -> JsonObject:
    raise RuntimeError("the runner fell over")


def test_two_complete_segments_complete_a_chunk(desk: ChunkDesk) -> None:
    result = desk.run_b(desk.chunk(0, 1), run_segment=completing)

    assert result["status"] == "COMPLETED"
    assert result["processed_segments"] == 2
    assert result["failed_segments"] == 0
    assert result["chunk_results"] == [
        {"segment_index": 0, "status": "COMPLETE", "error": None},
        {"segment_index": 1, "status": "COMPLETE", "error": None},
    ]
    assert desk.document(result) == {"last": 1}


def test_a_crashing_runner_fails_a_chunk_of_b_without_an_error(desk: ChunkDesk) -> None:
    result = desk.run_b(desk.chunk(0, 1), run_segment=crashing)

    assert result["status"] == "FAILED"
    assert (result["failed_segments"], result["processed_segments"]) == (1, 0)
    assert result["error"] is None
    assert result["error_type"] == "RuntimeError"


def test_a_crashing_runner_fails_a_chunk_of_d_with_a_normalised_error(desk: ChunkDesk) -> None:
    result = desk.run_d(desk.chunk(0, 1), run_segment=crashing)

    assert result["status"] == "FAILED"
    assert result["error"] == {"Error": "RuntimeError", "Cause": "the runner fell over"}
    assert result["chunk_results"] == []


def test_storage_that_fails_in_a_segment_is_raised_for_the_retrier(desk: ChunkDesk) -> None:
    def unavailable(event: Any, context: Any) -> JsonObject:
        raise StorageUnavailable("s3://states/x", "503")

    with pytest.raises(StorageUnavailable):
        desk.run_d(desk.chunk(0, 1), run_segment=unavailable)


def test_both_shapes_answer_with_all_keys_and_the_same_state(desk: ChunkDesk) -> None:
    serial = desk.run_b(desk.chunk(0, 3))
    independent = desk.run_d(desk.chunk(0, 3))

    assert serial.keys() == KEYS
    assert independent.keys() == KEYS
    assert desk.document(serial) == {**BASE, "sequence": [0, 1, 2, 3]}
    assert desk.document(independent) == desk.document(serial)


def test_a_chunk_writes_its_state_below_its_own_path(desk: ChunkDesk) -> None:
    result = desk.run_d(desk.chunk(0, 1, index=7))

    below = f"s3://states/{keys_of(desk.bag).chunk_results()}/chunk_0007/"
    assert str(result["result_s3_path"]).startswith(below)
    assert result["final_state_s3_path"] == result["result_s3_path"]
    wrapper = result["final_state"]
    assert isinstance(wrapper, dict)
    assert wrapper["__s3_path"] == result["result_s3_path"]


def test_a_chunk_writes_nothing_outside_its_own_paths(desk: ChunkDesk) -> None:
    before = set(desk.storage.list_pointers(keys_of(desk.bag).prefix))

    desk.run_d(desk.chunk(0, 3, index=7))

    written = set(desk.storage.list_pointers(keys_of(desk.bag).prefix)) - before
    assert written
    assert all("/chunk_0007/" in path or "/chunk_0007.json" in path for path in written)


def test_an_independent_chunk_begins_with_the_base_and_stays_in_its_range(
    desk: ChunkDesk,
) -> None:
    result = desk.run_d(desk.chunk(2, 3, index=1))

    assert desk.document(result)["sequence"] == [2, 3]
    assert result["next_segment"] is None


def test_a_link_out_of_a_chunk_ends_it(desk: ChunkDesk) -> None:
    result = desk.run_d(desk.chunk(0, 1))

    assert result["status"] == "COMPLETED"
    assert result["next_segment"] == 2


def test_logs_are_kept_over_all_segments(desk: ChunkDesk) -> None:
    result = desk.run_d(desk.chunk(0, 3))

    logs = desk.storage.read(str(result["logs_s3_path"]))
    assert isinstance(logs, list)
    assert [log["node_id"] for log in logs if isinstance(log, dict)] == ["n0", "n1", "n2", "n3"]


def test_the_record_is_the_answer_with_all_results(desk: ChunkDesk) -> None:
    result = desk.run_d(desk.chunk(0, 3))

    record = desk.record("chunk_0000")
    assert {**record, "chunk_results": []} == result
    assert isinstance(record["chunk_results"], list)
    assert len(record["chunk_results"]) == 4


def test_b_answers_with_at_most_100_results_and_records_all(
    storage: StateStorage, clock: FakeClock
) -> None:
    desk = open_desk(unconnected(105), storage, clock)

    result = desk.run_b(desk.chunk(0, 104), run_segment=completing)

    shown, kept = result["chunk_results"], desk.record("chunk_0000")["chunk_results"]
    assert isinstance(shown, list)
    assert isinstance(kept, list)
    assert (len(shown), len(kept)) == (100, 105)


def test_a_failure_after_some_success_is_partial(storage: StateStorage, clock: FakeClock) -> None:
    nodes: list[Json] = [appending(0), failing("bad"), appending(2)]
    desk = open_desk({"nodes": nodes, "edges": []}, storage, clock)

    result = desk.run_d(desk.chunk(0, 2))

    assert result["status"] == "PARTIAL_FAILURE"
    assert (result["processed_segments"], result["failed_segments"]) == (1, 1)
    assert result["error_type"] == "StrategyFailed"
    assert desk.document(result)["sequence"] == [0]


@pytest.mark.parametrize("status", ["HALTED", "SIGKILL", "FAILED", "NONSENSE", None])
def test_any_other_word_fails_the_chunk(desk: ChunkDesk, status: Json) -> None:
    result = desk.run_d(desk.chunk(0, 1), run_segment=lambda event, context: {"status": status})

    assert result["status"] == "FAILED"
    assert result["error_type"] == (status or "FAILED")


@pytest.mark.parametrize("missing", ["chunk_id", "chunk_index"])
def test_a_chunk_without_an_id_or_index_is_refused(desk: ChunkDesk, missing: str) -> None:
    chunk = {name: value for name, value in desk.chunk(0, 1).items() if name != missing}

    with pytest.raises(InvalidInput, match=missing):
        desk.run_d(chunk)


def test_a_chunk_of_b_that_cannot_start_says_why(desk: ChunkDesk) -> None:
    elsewhere = "s3://states/workflow-states/somebody-else/map.json"

    result = desk.run_b(desk.chunk(0, 1), partition_map_s3_path=elsewhere)

    assert (result["status"], result["processed_segments"]) == ("FAILED", 0)
    error = result["error"]
    assert isinstance(error, dict)
    assert error["Error"] == "PointerOutOfScope"


def test_a_pointer_into_another_owners_prefix_fails_the_chunk(desk: ChunkDesk) -> None:
    desk.bag["state_s3_path"] = "s3://states/workflow-states/somebody-else/state.json"

    result = desk.run_d(desk.chunk(0, 1))

    assert (result["status"], result["error_type"]) == ("FAILED", "PointerOutOfScope")
    assert result["final_state"] is None


def test_a_range_outside_the_map_fails_the_chunk(desk: ChunkDesk) -> None:
    result = desk.run_d(desk.chunk(0, 4))

    assert (result["status"], result["error_type"]) == ("FAILED", "InvalidInput")


@pytest.mark.parametrize("name", ["state_s3_path", "partition_map_s3_path"])
def test_an_object_that_is_gone_is_a_retryable_error(
    desk: ChunkDesk, tmp_path: Path, name: str
) -> None:
    path = str(desk.bag[name]).removeprefix("s3://")
    (tmp_path / path).unlink()

    with pytest.raises(StorageUnavailable):
        desk.run_d(desk.chunk(0, 1))


@pytest.mark.parametrize("shape", ["B", "D"])
def test_a_chunk_pauses_at_a_hitp_segment_and_goes_on_there(asking: ChunkDesk, shape: str) -> None:
    chunk = asking.chunk(0, 3)
    paused = asking.run_b(chunk) if shape == "B" else asking.run_d(chunk)
    assert (paused["status"], paused["paused_segment_id"]) == ("PAUSED_FOR_HITP", 2)
    assert asking.document(paused)["sequence"] == [0, 1]

    if shape == "B":
        resumed = asking.resume_b(paused, ANSWER, chunk)
    else:
        resumed = asking.run_d(
            chunk,
            previous=paused,
            callback_result=ANSWER,
            resume_from_segment=paused["next_segment"],
        )

    assert resumed["status"] == "COMPLETED"
    assert asking.document(resumed) == {
        **BASE,
        "sequence": [0, 1, 2, 3],
        "last_hitp_response": "yes",
    }
    assert resumed["processed_segments"] == 4
    results = asking.record("chunk_0000")["chunk_results"]
    assert isinstance(results, list)
    assert [each["segment_index"] for each in results if isinstance(each, dict)] == [0, 1, 2, 3]


def test_the_logs_of_a_resumed_chunk_are_those_of_both_calls(asking: ChunkDesk) -> None:
    paused = asking.run_b(asking.chunk(0, 3))

    resumed = asking.resume_b(paused, ANSWER, asking.chunk(0, 3))

    logs = asking.storage.read(str(resumed["logs_s3_path"]))
    assert isinstance(logs, list)
    assert [log["node_id"] for log in logs if isinstance(log, dict)] == ["n0", "n1", "n2", "n3"]


def test_a_callback_that_reports_a_failure_fails_the_segment(asking: ChunkDesk) -> None:
    paused = asking.run_b(asking.chunk(0, 3))

    resumed = asking.resume_b(
        paused, {"status": "FAILED", "Error": "Refused", "Cause": "no"}, asking.chunk(0, 3)
    )

    assert (resumed["status"], resumed["error_type"]) == ("PARTIAL_FAILURE", "Refused")
    assert asking.document(resumed)["sequence"] == [0, 1]


def test_results_seeded_by_the_machine_begin_a_chunk_from_its_start(desk: ChunkDesk) -> None:
    seeded: JsonObject = {"status": "RUNNING", "processed_segments": 0, "next_segment": None}

    result = desk.run_d(desk.chunk(0, 3), previous=seeded, callback_result=None)

    assert result["processed_segments"] == 4


def test_a_chunk_of_d_leaves_when_time_is_short_and_goes_on_later(desk: ChunkDesk) -> None:
    left = desk.run_d(desk.chunk(0, 3), Remaining(60_000, 9_999))
    assert (left["status"], left["processed_segments"]) == ("CONTINUE", 2)

    done = desk.run_d(desk.chunk(0, 3), previous=left, resume_from_segment=left["next_segment"])

    assert (done["status"], done["processed_segments"]) == ("COMPLETED", 4)
    assert desk.document(done)["sequence"] == [0, 1, 2, 3]


def test_every_call_gets_at_least_one_segment_further(desk: ChunkDesk) -> None:
    left = desk.run_d(desk.chunk(0, 3), Remaining(1))

    assert (left["status"], left["processed_segments"]) == ("CONTINUE", 1)


def test_the_last_chunk_of_b_does_not_leave_since_nobody_would_go_on(desk: ChunkDesk) -> None:
    first = desk.run_b(desk.chunk(0, 1), Remaining(1))
    desk.save(first)
    last = desk.run_b(desk.chunk(2, 3, index=1), Remaining(1))

    assert (first["status"], last["status"]) == ("CONTINUE", "COMPLETED")
    assert desk.document(last)["sequence"] == [0, 1, 2, 3]


def test_a_loop_that_does_not_end_fails_its_chunk(storage: StateStorage, clock: FakeClock) -> None:
    configuration = chained(2, back=(1, 0))
    edges = configuration["edges"]
    assert isinstance(edges, list)
    assert isinstance(edges[-1], dict)
    edges[-1]["condition"] = "true"
    desk = open_desk(configuration, storage, clock, max_branch_iterations=10)

    result = desk.run_d(desk.chunk(0, 1))

    assert result["error_type"] == "BranchLoopLimitExceeded"
    assert result["processed_segments"] == 11


def test_a_group_runs_in_process(storage: StateStorage, clock: FakeClock) -> None:
    nodes: list[Json] = [appending(number) for number in range(4)]
    edges: list[Json] = [
        {"source": source, "target": target}
        for source, target in [("n0", "n1"), ("n0", "n2"), ("n1", "n3"), ("n2", "n3")]
    ]
    desk = open_desk({"nodes": nodes, "edges": edges}, storage, clock)

    result = desk.run_d(desk.chunk(0, 3))

    assert result["status"] == "COMPLETED"
    assert desk.document(result)["sequence"] == [0, 1, 2, 3]


def test_a_repeated_call_gives_the_same_state_and_logs(desk: ChunkDesk) -> None:
    first, second = desk.run_d(desk.chunk(0, 3)), desk.run_d(desk.chunk(0, 3))

    assert first == second
