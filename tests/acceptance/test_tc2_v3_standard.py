"""Contract 12, TC-2: the v3 standard machine (C) with chain14, big and batch12."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tasks.smart_statebag.bag.history import entry_key
from tasks.smart_statebag.execute_segment import lambda_handler as execute_segment
from tasks.smart_statebag.state_data_manager import lambda_handler as state_data_manager
from tests.acceptance.altered_functions import ALTERED, UNKNOWN, UNKNOWN_FIELD, UNNUMBERED
from tests.acceptance.recorded import Recorded
from tests.acceptance.smart_statebag import (
    SmartStateBag,
    embedded_statebag,
    named,
    recording_figures,
)
from tests.acceptance.state_machine_documents import place
from tests.acceptance.workflows import batch12, big, chain14, edges, log, node
from tests.trials import tried

ROUTES = {
    "COMPLETE": "NotifyWorkflowCompleted",
    "CONTINUE": "CheckLoopLimit",
    "SEQUENTIAL_BRANCH": "CheckLoopLimit",
    "PARALLEL_GROUP": "ProcessParallelBranches",
    "PAUSED_FOR_HITP": "WaitForHITPCallback",
    "PAUSE": "WaitForHITPCallback",
    "PAUSED_FOR_ASYNC_LLM": "HandleAsyncLLM",
    "FAILED": "NotifyAndFail",
    "HALTED": "NotifyAndFail",
    "SIGKILL": "NotifyAndFail",
    "NONSENSE": "NotifyAndFail",
    "": "NotifyAndFail",
}


@pytest.fixture(scope="module")
def statebag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmartStateBag]:
    with embedded_statebag(tmp_path_factory.mktemp("tc2"), altered=ALTERED) as made:
        yield made


@pytest.fixture(scope="module")
def chain(statebag: SmartStateBag) -> Recorded:
    return statebag.succeed("C", chain14())


@pytest.fixture(scope="module")
def batch(statebag: SmartStateBag) -> Recorded:
    return statebag.succeed("C", batch12())


def setups(recorded: Recorded) -> int:
    return sum(entry["id"] == "setup" for entry in recorded.log)


@pytest.mark.parametrize("workflow", [chain14, big])
def test_tc2_1_every_segment_is_followed_by_one_sync_that_leaves_the_bag_and_one_word(
    statebag: SmartStateBag, workflow: Any
) -> None:
    recorded = statebag.succeed("C", workflow())
    syncs = recorded.exited("SyncStateData")
    assert len(syncs) == len(recorded.calls_of("ExecuteSegment")) > 1
    assert recorded.bag["loop_counter"] == recorded.ended.output["loop_counter"] == len(syncs)
    assert {frozenset(output) for output in syncs} == {frozenset({"state_data", "next_action"})}


def test_tc2_1_the_chain_takes_fourteen_syncs(chain: Recorded) -> None:
    assert chain.ended.output["total_segments"] == len(chain.exited("SyncStateData")) == 14


def test_tc2_2_an_entry_with_the_same_id_stands_once_where_the_legacy_machine_repeats_it(
    statebag: SmartStateBag, chain: Recorded
) -> None:
    assert setups(chain) == 1
    assert max(Counter(map(entry_key, chain.log)).values()) == 1
    assert setups(statebag.succeed("A", chain14())) == 7


def test_tc2_2_delivering_every_result_twice_adds_no_entry(chain: Recorded) -> None:
    calls = zip(chain.calls_of("ExecuteSegment"), chain.calls_of("SyncStateData"), strict=True)
    for segment, sync in calls:
        bag = sync.result["state_data"]
        repeated: Any = execute_segment(segment.given, None)
        for result in (sync.given["execution_result"], repeated):
            again: Any = state_data_manager(
                {"action": "sync", "state_data": bag, "execution_result": result}
            )
            assert again["state_data"]["state_history"] == bag["state_history"]


def test_tc2_3_the_result_is_gone_and_its_pointer_is_in_the_bag(chain: Recorded) -> None:
    for sync in chain.calls_of("SyncStateData"):
        assert set(sync.result) == {"state_data", "next_action"}
        pointer = sync.given["execution_result"]["final_state_s3_path"]
        assert sync.result["state_data"]["state_s3_path"] == pointer
    assert all("execution_result" not in data for data in chain.exited("SyncStateData"))


def test_tc2_3_a_null_pointer_changes_nothing(chain: Recorded) -> None:
    for sync in chain.calls_of("SyncStateData"):
        result = {**sync.given["execution_result"], "final_state_s3_path": None}
        result["final_state"] = None
        after: Any = state_data_manager({**sync.given, "execution_result": result})
        assert after["state_data"]["state_s3_path"] == sync.given["state_data"]["state_s3_path"]


def test_tc2_3_a_field_nobody_knows_survives_to_the_end(statebag: SmartStateBag) -> None:
    recorded = statebag.succeed("C", big(), workflowId=UNKNOWN_FIELD)
    assert {
        "SyncStateData",
        "MergeCallbackResult",
        "AggregateParallelResults",
    } <= set(recorded.states)
    assert recorded.bag["someone_elses"] == UNKNOWN


@pytest.mark.parametrize(("action", "target"), ROUTES.items())
def test_tc2_4_each_next_action_goes_where_the_table_says(action: str, target: str) -> None:
    evaluate = place("C", "EvaluateNextAction").state
    verdict = tried(evaluate, {"state_data": {}, "next_action": action})
    assert (verdict.status, verdict.next_state) == ("SUCCEEDED", target)


def test_tc2_5_the_paused_segment_runs_once_after_the_answer_and_none_is_skipped(
    statebag: SmartStateBag,
) -> None:
    execution = statebag.start("C", big(), MOCK_MODE="false")
    statebag.open_questions(execution)
    before = statebag.recorded(execution, None)
    assert not [entry for entry in before.log if entry["node_id"] == "check"]
    answer = {"action": "APPROVED", "comment": "가자"}
    statebag.answer(execution, answer)
    recorded = statebag.finish(execution)
    assert recorded.ended.status == "SUCCEEDED", recorded.ended.cause
    ran = Counter(entry["node_id"] for entry in recorded.log)
    assert ran == Counter([each["id"] for each in big()["nodes"]])
    statuses = [call.result["status"] for call in recorded.calls_of("ExecuteSegment")]
    assert statuses.count("PAUSED_FOR_HITP") == 1
    assert recorded.bag["last_hitp_response"] == answer
    unasked = statebag.succeed("C", big()).final_state
    assert recorded.final_state == {**unasked, "last_hitp_response": answer}


def test_tc2_6_asynchronous_work_ends_in_the_same_state_as_synchronous(
    statebag: SmartStateBag,
) -> None:
    def workflow(*, is_async: bool) -> Any:
        ask = node("ask", "llm_chat", prompt_content="At leisure", **{"async": is_async})
        nodes = [log("begin", "ready"), ask, log("end", "done")]
        return {"nodes": nodes, "edges": edges("begin ask end")}

    later = statebag.succeed("C", workflow(is_async=True))
    at_once = statebag.succeed("C", workflow(is_async=False))
    passed = ["HandleAsyncLLM", "WaitForAsyncLLMCallback", "MergeAsyncResult"]
    assert [state for state in later.states if state in passed] == passed
    assert not set(passed) & set(at_once.states)
    assert later.final_state == at_once.final_state
    assert [entry["node_id"] for entry in later.log] == ["begin", "ask", "end"]


def test_tc2_7_twelve_unconnected_models_are_a_batch(batch: Recorded) -> None:
    assert batch.bag["distributed_strategy"] == "BATCHED"
    assert len(batch.calls_of("BatchedRunner")) == 12
    assert batch.bag["distributed_chunk_summary"]["succeeded"] == 12


@pytest.mark.parametrize("seed", range(3))
def test_tc2_7_shuffled_results_fold_in_the_order_of_numbers_not_of_texts(
    batch: Recorded, seed: int
) -> None:
    [aggregation] = batch.calls_of("AggregateDistributedResults")
    results = list(aggregation.given["execution_result"]["segment_results"])
    random.Random(seed).shuffle(results)
    for result in results:
        result["execution_order"] = str(result["execution_order"])
    after: Any = state_data_manager(
        {**aggregation.given, "execution_result": {"segment_results": results}}
    )
    bag = after["state_data"]
    assert [entry["node_id"] for entry in bag["state_history"]] == [f"n{n}" for n in range(12)]
    assert bag["state_s3_path"] == batch.bag["state_s3_path"]
    assert "Item 11" in batch.final_state["latest"]


def test_tc2_7_a_result_without_any_number_leaves_all_in_the_order_of_arrival(
    statebag: SmartStateBag, batch: Recorded
) -> None:
    with recording_figures() as figures:
        recorded = statebag.succeed("C", batch12(), workflowId=UNNUMBERED)
    assert named(figures, "OrderFallback", Action="aggregate_distributed") == [1]
    [aggregation] = recorded.calls_of("AggregateDistributedResults")
    results = aggregation.given["execution_result"]["segment_results"]
    assert results[5]["execution_order"] is None
    turned = {"segment_results": results[::-1]}
    after: Any = state_data_manager({**aggregation.given, "execution_result": turned})
    nodes = [entry["node_id"] for entry in after["state_data"]["state_history"]]
    assert nodes == [f"n{n}" for n in reversed(range(12))]
    assert after["next_action"] == "COMPLETE"
