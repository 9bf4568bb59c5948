"""Contract 12, TC-1: the legacy machines (A, B) with big."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.smart_statebag.bag.hydrator import hydrate_history
from tasks.smart_statebag.bag.keys import content_hash, parse_pointer
from tasks.smart_statebag.bag.sizes import size_of
from tasks.smart_statebag.bag.state_bucket import CACHE_ENTRIES, state_storage
from tests.acceptance.altered_functions import ALTERED, RAISING_AGGREGATOR
from tests.acceptance.recorded import Recorded
from tests.acceptance.smart_statebag import (
    SmartStateBag,
    embedded_statebag,
    named,
    recording_figures,
    state_store,
)
from tests.acceptance.workflows import (
    FILLER,
    KOREAN_TEXT,
    big,
    edges,
    failing,
    hitp,
    node,
    sixty_logs,
)

GOLDEN = Path(__file__).with_name("golden") / "big.json"
DAY = 86400
NINE_KEYS: dict[str, tuple[type, ...]] = {
    "status": (str,),
    "segment_type": (str,),
    "final_state": (dict,),
    "final_state_s3_path": (str,),
    "next_segment_to_run": (int, type(None)),
    "new_history_logs": (list,),
    "error_info": (dict, type(None)),
    "branches": (list,),
    "inner_partition_map": (list, type(None)),
}
FAN_OUTS = ("PARALLEL_GROUP", "SEQUENTIAL_BRANCH")
RUNNERS = (
    "ExecuteSegment",
    "AggregateParallelResults",
    "ExecuteBranchSegment",
    "ExecuteBranchDistributed",
)
both = pytest.mark.parametrize("code", "AB")


@pytest.fixture(scope="module")
def statebag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmartStateBag]:
    with embedded_statebag(tmp_path_factory.mktemp("tc1"), altered=ALTERED) as made:
        yield made


@pytest.fixture(scope="module")
def legacy(statebag: SmartStateBag) -> dict[str, Recorded]:
    return {code: statebag.succeed(code, big()) for code in "AB"}


@both
def test_tc1_1_every_result_but_a_fan_out_passes_update_state_data(
    legacy: dict[str, Recorded], code: str
) -> None:
    recorded = legacy[code]
    results = recorded.calls_of("ExecuteSegment", "AggregateParallelResults")
    passing = [call for call in results if call.result["status"] not in FAN_OUTS]
    assert len(recorded.entered("UpdateStateData")) == len(passing) > 1
    assert len(recorded.calls_of("UpdateStateData")) == len(passing)
    assert not recorded.entered("UpdateStateDataFallback")


@both
def test_tc1_2_the_large_state_lies_in_the_bucket_under_its_hash(
    legacy: dict[str, Recorded], code: str
) -> None:
    wrapper = legacy[code].ended.output["final_state"]
    assert wrapper["__s3_offloaded"] is True
    pointer = parse_pointer(wrapper["__s3_path"])
    body = state_store().get(pointer.key).body
    digest = hashlib.sha256(body).hexdigest()
    assert content_hash(pointer.key) == wrapper["__sha256"] == digest
    assert wrapper["__original_size_bytes"] == len(body) > 40 * 1000
    assert json.loads(body)["text"].encode() == KOREAN_TEXT.encode()


@both
def test_tc1_3_every_segment_answers_with_the_nine_keys(
    legacy: dict[str, Recorded], code: str
) -> None:
    calls = legacy[code].calls_of(*RUNNERS)
    assert calls
    for call in calls:
        for key, types in NINE_KEYS.items():
            assert isinstance(call.result[key], types), (call.state, key, call.result[key])


@both
def test_tc1_3_no_state_pointer_is_null_after_initialisation(
    legacy: dict[str, Recorded], code: str
) -> None:
    recorded = legacy[code]
    assert len(recorded.bags) > 10
    assert all(bag["state_s3_path"].startswith("s3://") for bag in recorded.bags)
    assert all(call.result["final_state_s3_path"] for call in recorded.calls_of(*RUNNERS))


@both
def test_tc1_4_sixty_long_log_entries_are_archived_and_none_is_lost(
    statebag: SmartStateBag, code: str
) -> None:
    recorded = statebag.succeed(code, sixty_logs())
    assert all(size_of(bag) < 200 * 1024 for bag in recorded.bags)
    assert recorded.bag["state_history"][0]["type"] == "history_archive"
    history: list[Any] = hydrate_history(recorded.bag, state_storage())
    assert [entry["node_id"] for entry in history] == [f"log{n}" for n in range(60)]
    assert [entry["content"] for entry in history] == [f"{n} {FILLER}" for n in range(60)]


@pytest.mark.parametrize("code", "ABCD")
def test_tc1_5_the_final_state_is_the_golden_one_on_every_machine(
    statebag: SmartStateBag, code: str
) -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert statebag.succeed(code, big()).final_state == golden


@both
def test_tc1_6_each_call_has_its_four_figures_and_none_is_of_v3(
    statebag: SmartStateBag, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_ENTRIES, "19" if code == "A" else "18")  # a cache of its own
    with recording_figures() as figures:
        recorded = statebag.succeed(code, big())
    calls = recorded.calls_of("UpdateStateData")
    assert {call.given.get("action", "update_and_compress") for call in calls} == {
        "update_and_compress"
    }
    expected = [len(calls)] * 4
    assert [
        len(named(figures, "PayloadSizeKB", OptimizationType="Initial")),
        len(named(figures, "PayloadSizeKB", OptimizationType="Final")),
        len(named(figures, "PayloadOptimization", OptimizationType="Applied")),
        len(named(figures, "CompressionRatio")),
    ] == expected
    assert {line["Action"] for line in figures if "Action" in line} == {"update_and_compress"}
    assert sum(named(figures, "S3CacheHit")) == len(state_storage().cache) == 0


def failing_node() -> Any:
    return {"nodes": [node("begin", "trigger"), failing("bad")], "edges": edges("begin bad")}


def failing_branch() -> Any:
    workflow = big()
    workflow["nodes"] = [
        failing("find1") if each["id"] == "find1" else each for each in workflow["nodes"]
    ]
    return workflow


FAILURES = {
    "node": (failing_node(), "acceptance", "StrategyFailed"),
    "branch": (failing_branch(), "acceptance", "StrategyFailed"),
    "aggregator": (big(), RAISING_AGGREGATOR, "AggregatorBroke"),
}


@both
@pytest.mark.parametrize("failure", FAILURES)
def test_tc1_7_a_failure_ends_in_workflow_failed_with_its_name_in_the_event(
    statebag: SmartStateBag, code: str, failure: str
) -> None:
    workflow, workflow_id, error = FAILURES[failure]
    recorded = statebag.start(code, workflow, workflowId=workflow_id)
    ends_in_workflow_failed(statebag.finish(recorded), error)


@both
def test_tc1_7_an_answer_that_never_comes_ends_in_workflow_failed(
    statebag: SmartStateBag, code: str
) -> None:
    workflow = {"nodes": [hitp("check")], "edges": []}
    execution = statebag.start(code, workflow, MOCK_MODE="false")
    statebag.open_questions(execution)
    statebag.has_entered(execution, "WaitForCallback")
    statebag.clock.skipped += DAY + 1
    ends_in_workflow_failed(statebag.finish(execution), "States.Timeout")


def ends_in_workflow_failed(recorded: Recorded, error: str) -> None:
    assert recorded.ended.status == "FAILED"
    assert recorded.ended.error == "WorkflowExecutionFailed"
    assert recorded.states[-2:] == ["NotifyExecutionFailure", "WorkflowFailed"]
    [detail] = [
        entry["Detail"] for entry in recorded.notifications if entry["Detail"]["status"] == "FAILED"
    ]
    assert error in json.dumps(detail["error"])
