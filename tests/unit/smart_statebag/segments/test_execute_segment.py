"""ExecuteSegment, call by call (Contract 5)."""

import pytest

from tasks.smart_statebag.bag.errors import (
    InvalidInput,
    MissingSetting,
    PointerOutOfScope,
    SegmentOutOfRange,
    StorageUnavailable,
    TooManyBranches,
)
from tasks.smart_statebag.bag.sizes import KB, size_of
from tasks.smart_statebag.bag.state_bucket import BUCKET
from tasks.smart_statebag.execute_segment import lambda_handler
from tests.unit.smart_statebag.workflow.graphs import workflow
from tests.unit.smart_statebag.workflow.test_in_memory import add_one, append, failing

NINE = (
    "status",
    "segment_type",
    "final_state",
    "final_state_s3_path",
    "next_segment_to_run",
    "new_history_logs",
    "error_info",
    "branches",
    "inner_partition_map",
)
BEYOND = (
    "logs_s3_path",
    "inner_partition_map_s3_path",
    "join_segment",
    "total_segments",
    "segment_id",
    "execution_order",
    "branch_id",
    "branch_index",
    "segments_processed",
    "paused_segment_id",
    "execution_time",
    "result_s3_path",
    "error_type",
)
GROUP = workflow("s->p->m, s->q->m")
ONE_BRANCH = {
    "nodes": [
        append("s", "s"),
        {"id": "g", "type": "parallel", "branches": [{"nodes": [append("p", "p")]}]},
        append("m", "m"),
    ],
    "edges": [{"source": "s", "target": "g"}, {"source": "g", "target": "m"}],
}
ASKING = workflow("a->b->c", hitp="b")


def with_branches(*branches):
    group = {"id": "g", "type": "parallel", "branches": [{"nodes": each} for each in branches]}
    return {"nodes": [group, append("m", "m")], "edges": [{"source": "g", "target": "m"}]}


@pytest.fixture
def main(machines):
    """Runs one segment of a configuration as the v3 main loop does."""

    def run(configuration, segment=0, state=None, **more):
        bag = machines.start(configuration, initial_state=state or {})
        return machines.execute({"state_data": {**bag, "segment_to_run": segment}, **more})

    return run


def test_every_path_has_every_key(machines, main) -> None:
    results = {
        "normal": main(workflow("a->L", llm="L")),
        "final": main(workflow("a")),
        "group": main(GROUP, 1),
        "one branch": main(ONE_BRANCH, 1),
        "empty": main(with_branches([], [])),
        "aggregator": main(GROUP, 2),
        "paused": main(ASKING, 1),
        "failed": main({"nodes": [failing("x")]}),
        "async": main({"nodes": [{"id": "L", "type": "llm", "config": {"async": True}}]}),
    }
    for path, result in results.items():
        assert tuple(result) == NINE + BEYOND, path
        assert isinstance(result["final_state"], dict), path
        assert result["final_state_s3_path"].startswith("s3://bucket/workflow-states/o/w/"), path
        assert isinstance(result["new_history_logs"], list), path
        assert isinstance(result["branches"], list), path
        assert (result["error_info"] is not None) == (path == "failed"), path
        assert result["result_s3_path"] == result["final_state_s3_path"]
        assert size_of(result) < 48 * KB
    words = {path: (result["status"], result["segment_type"]) for path, result in results.items()}
    assert words == {
        "normal": ("CONTINUE", "normal"),
        "final": ("COMPLETE", "final"),
        "group": ("PARALLEL_GROUP", "parallel_group"),
        "one branch": ("SEQUENTIAL_BRANCH", "sequential_branch"),
        "empty": ("CONTINUE", "empty_parallel_group"),
        "aggregator": ("CONTINUE", "aggregator"),
        "paused": ("PAUSED_FOR_HITP", "hitp"),
        "failed": ("FAILED", "error"),
        "async": ("PAUSED_FOR_ASYNC_LLM", "async_llm"),
    }


def test_small_state_is_inline_in_a_legacy_main_loop_only(machines) -> None:
    bag = machines.start(workflow("a->L", llm="L"))
    assert machines.execute(bag)["final_state"] == {"a": True}
    v3 = machines.execute({"state_data": bag})["final_state"]
    assert v3["__s3_offloaded"] is True


def test_large_state_is_a_wrapper_of_its_pointer(machines) -> None:
    text = "가" * (14 * KB)
    node = {"id": "a", "type": "operator", "config": {"sets": {"text": text}}}
    bag = machines.start({"nodes": [node]})
    result = machines.execute(bag)
    wrapper = result["final_state"]
    assert wrapper["__s3_path"] == result["final_state_s3_path"]
    assert wrapper["__sha256"] in result["final_state_s3_path"]
    assert wrapper["__original_size_bytes"] > 40 * KB
    assert machines.state_of({**bag, "state_s3_path": wrapper["__s3_path"]}) == {"text": text}


def test_pointer_is_the_truth_over_an_inline_state(machines) -> None:
    bag = machines.start({"nodes": [add_one("a")]}, initial_state={"n": 1})
    assert machines.execute({**bag, "current_state": {"n": 70}})["final_state"] == {"n": 2}
    inline = {**bag, "state_s3_path": None, "current_state": {"n": 70}}
    assert machines.execute(inline)["final_state"] == {"n": 71}


def test_top_level_fields_win_over_the_bag_unless_null(machines) -> None:
    bag = machines.start(workflow("a->L->b", llm="L"))
    event = {"state_data": bag, "segment_to_run": 1, "workflowId": None}
    assert machines.execute(event)["segment_id"] == 1


def test_aliases_of_owner_and_workflow(machines) -> None:
    bag = machines.start(workflow("a"))
    renamed = {**bag, "ownerId": None, "owner_id": "o", "workflowId": None, "workflow_id": "w"}
    assert machines.execute(renamed)["status"] == "COMPLETE"


def test_segment_outside_the_map_raises(main) -> None:
    with pytest.raises(SegmentOutOfRange):
        main(workflow("a"), 1)


def test_event_that_is_no_object_raises(machines) -> None:
    with pytest.raises(InvalidInput):
        machines.execute("text")


def test_state_that_is_gone_raises(machines) -> None:
    bag = machines.start(workflow("a"))
    gone = bag["state_s3_path"].replace(".json", "0.json")
    with pytest.raises(StorageUnavailable):
        machines.execute({**bag, "state_s3_path": gone})


def test_pointer_of_another_owner_raises(machines) -> None:
    bag = machines.start(workflow("a"))
    foreign = bag["state_s3_path"].replace("/o/", "/p/")
    with pytest.raises(PointerOutOfScope):
        machines.execute({**bag, "state_s3_path": foreign})


def test_missing_bucket_is_named(monkeypatch) -> None:
    for name in (
        "STATE_STORAGE_BUCKET",
        "S3_BUCKET",
        "SKELETON_S3_BUCKET",
        "WORKFLOW_STATE_BUCKET",
    ):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MissingSetting, match=BUCKET):
        lambda_handler({"ownerId": "o", "state_s3_path": "s3://b/k", "segment_to_run": 0})


def test_map_is_made_from_the_configuration_where_it_is_missing(machines) -> None:
    bag = machines.start(workflow("a->L", llm="L"))
    bare = {**bag, "partition_map": None, "total_segments": None, "workflow_config": GROUP}
    assert machines.execute({**bare, "segment_to_run": 1})["status"] == "PARALLEL_GROUP"


def test_failed_node_keeps_the_pointer_and_tells_everything(machines) -> None:
    bag = machines.start({"nodes": [append("a", 1), failing("x")], "edges": [
        {"source": "a", "target": "x"}
    ]})  # fmt: skip
    result = machines.execute({"state_data": bag})
    assert result["final_state_s3_path"] == bag["state_s3_path"]
    assert result["next_segment_to_run"] is None
    error = result["error_info"]
    assert error["Error"] == error["error_type"] == result["error_type"] == "StrategyFailed"
    assert error["Cause"] == error["error"]
    assert (error["node_id"], error["segment_id"], error["retryable"]) == ("x", 0, False)
    assert [attempt["attempt"] for attempt in error["attempts"]] == [1]
    assert [entry["status"] for entry in result["new_history_logs"]] == ["COMPLETED", "FAILED"]


def test_tolerated_failure_goes_on_with_what_succeeded(machines) -> None:
    configuration = {
        "node_error_policy": "continue",
        "nodes": [append("a", 1), failing("x"), {"id": "L", "type": "llm"}],
        "edges": [{"source": "a", "target": "x"}, {"source": "x", "target": "L"}],
    }
    result = machines.execute(machines.start(configuration))
    assert (result["status"], result["segment_type"]) == ("CONTINUE", "partial_failure")
    assert result["error_info"]["node_id"] == "x"
    assert result["final_state"] == {"seen": [1]}
    assert result["next_segment_to_run"] == 1


def test_group_is_handed_out_with_its_join(main) -> None:
    result = main(GROUP, 1)
    assert result["next_segment_to_run"] == 2
    assert result["join_segment"] == 3
    assert [branch["branch_id"] for branch in result["branches"]] == ["branch_0", "branch_1"]
    assert set(result["branches"][0]) == {
        *("branch_id", "branch_index", "partition_map", "partition_map_s3_path"),
        *("segment_count", "has_end", "target_node"),
    }
    assert result["branches"][1]["partition_map"][0]["node_ids"] == ["q"]


def test_large_branch_maps_go_to_the_store(machines) -> None:
    prompt = "p" * 4 * KB
    nodes = [
        [{"id": f"n{i}", "type": "llm", "config": {"prompt_content": prompt}}] for i in range(9)
    ]
    bag = machines.start(with_branches(*nodes))
    assert bag["partition_map"] is None
    result = machines.execute({"state_data": bag})
    assert result["status"] == "PARALLEL_GROUP"
    assert all(branch["partition_map"] is None for branch in result["branches"])
    branch = machines.run_d_branch(bag, result["branches"][4])
    assert branch["status"] == "COMPLETE"
    assert "n4_output" in machines.state_of({**bag, "state_s3_path": branch["final_state_s3_path"]})


def test_branches_without_nodes_do_not_count(main) -> None:
    one = main(with_branches([], [append("p", 1)], []))
    assert one["status"] == "SEQUENTIAL_BRANCH"
    nothing = main(with_branches([], []))
    assert (nothing["next_segment_to_run"], nothing["join_segment"]) == (2, 2)


def test_too_many_branches_raise(machines) -> None:
    bag = machines.start(with_branches([append("p", 1)], [append("q", 1)]))
    group = bag["partition_map"][0]
    many = {
        **group,
        "branches": [{**group["branches"][0], "branch_id": f"b{i}"} for i in range(101)],
    }
    with pytest.raises(TooManyBranches):
        machines.execute({**bag, "partition_map": [many, *bag["partition_map"][1:]]})


def test_single_branch_goes_on_in_a_spliced_map(main) -> None:
    result = main(ONE_BRANCH, 1)
    assert result["next_segment_to_run"] == 0
    assert result["total_segments"] == 2
    assert [entry["node_ids"] for entry in result["inner_partition_map"]] == [["p"], ["m"]]
    assert result["inner_partition_map_s3_path"] is None


def test_large_spliced_map_goes_to_the_store(machines) -> None:
    config = {"prompt_content": "p" * 20 * KB}
    nodes = [{"id": f"n{i}", "type": "llm", "config": config} for i in range(2)]
    configuration = with_branches(nodes)
    bag = machines.start(configuration, initial_state={})
    result = machines.execute({"state_data": bag})
    assert result["inner_partition_map"] is None
    assert result["total_segments"] == 3
    synced = machines.manage("sync", state_data=bag, execution_result=result)
    again = machines.execute({"state_data": synced["state_data"]})
    assert again["segment_id"] == 0
    assert again["status"] == "CONTINUE"


def test_person_is_asked_before_the_segment_and_it_runs_once_after(machines) -> None:
    action, bag = machines.run_c(machines.start(ASKING))
    assert (action, machines.asked) == ("COMPLETE", 1)
    assert machines.state_of(bag) == {
        "a": True,
        "b": True,
        "c": True,
        "last_hitp_response": {"action": "APPROVED", "n": 1},
    }
    ran = [entry["node_id"] for entry in bag["state_history"]]
    assert ran == ["a", "b", "c"]


def test_pause_changes_nothing(machines, main) -> None:
    result = main(ASKING, 1, {"k": 1})
    assert result["next_segment_to_run"] == result["paused_segment_id"] == 1
    assert result["segments_processed"] == 0
    assert "/state/init/" in result["final_state_s3_path"]
    assert result["new_history_logs"] == []


def test_permission_for_another_segment_is_none(main, machines) -> None:
    bag = machines.start(ASKING)
    merged = machines.manage(
        "merge_callback", state_data={**bag, "segment_to_run": 0}, callback_result={"response": 1}
    )["state_data"]
    assert machines.execute({"state_data": {**merged, "segment_to_run": 1}})["status"] == (
        "PAUSED_FOR_HITP"
    )


def test_pause_without_permission_to_pause_fails(main) -> None:
    result = main(ASKING, 1, allow_pause=False)
    assert (result["status"], result["error_type"]) == ("FAILED", "PauseNotAllowed")


def test_initial_state_cannot_bring_the_permission(main) -> None:
    forged = {"__resume": {"segment": 1, "pause_id": None}}
    assert main(ASKING, 1, forged)["status"] == "PAUSED_FOR_HITP"


@pytest.mark.parametrize(
    ("config", "settings", "waits"),
    [
        ({"async": True}, {}, True),
        ({"prompt_content": "p"}, {}, False),
        ({"prompt_content": "p" * 32_004}, {}, True),
        ({"prompt_content": "p" * 32_000}, {}, False),
        ({"prompt_content": "{{ long }}"}, {}, True),
        ({"max_tokens": 8001}, {}, True),
        ({"max_tokens": 8000}, {}, False),
        ({"max_tokens": 11}, {"ASYNC_TOKEN_THRESHOLD": "10"}, True),
        ({"model": "huge"}, {"ASYNC_HEAVY_MODELS": "vast, huge"}, True),
        ({"model": "small"}, {"ASYNC_HEAVY_MODELS": "vast, huge"}, False),
    ],
)
def test_heavy_llm_work_is_asynchronous_if_it_may(
    main, monkeypatch, config, settings, waits
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    node = {"id": "L", "type": "llm", "config": config}
    state = {"long": "p" * 33_000}
    allowed = main({"nodes": [node]}, 0, state)
    assert (allowed["status"] == "PAUSED_FOR_ASYNC_LLM") is waits
    assert main({"nodes": [node]}, 0, state, allow_async=False)["status"] == "COMPLETE"


def test_skipped_entry_is_passed(machines) -> None:
    bag = machines.start(workflow("a->L", llm="L"))
    first = {**bag["partition_map"][0], "status": "SKIPPED"}
    result = machines.execute({**bag, "partition_map": [first, bag["partition_map"][1]]})
    assert (result["status"], result["segment_type"]) == ("SKIPPED", "skipped")
    assert result["next_segment_to_run"] == 1
    assert result["final_state_s3_path"] == bag["state_s3_path"]


def test_hooks_end_the_execution(machines) -> None:
    bag = machines.start(workflow("a"))
    machines.hook(guard=lambda request, entry, state: "leak" if "a" in state else None)
    killed = machines.execute(bag)
    assert (killed["status"], killed["segment_type"]) == ("SIGKILL", "sigkill")
    assert killed["error_info"]["Cause"] == "leak"
    machines.hook(admit=lambda request, entry, state: "quota")
    halted = machines.execute(bag)
    assert (halted["status"], halted["segment_type"]) == ("HALTED", "halted")
    assert halted["final_state_s3_path"] == bag["state_s3_path"]


def test_strategy_item_is_complete_and_small(machines) -> None:
    llms = " ".join(f"n{i}" for i in range(12))
    bag = machines.start(workflow("", llm=llms, alone=llms))
    assert (bag["distributed_strategy"], len(bag["segment_manifest"])) == ("BATCHED", 12)
    item = {**bag["segment_manifest"][3], "execution_mode": "BATCHED"}
    result = machines.execute({**item, "state_data": machines.branch_bag(bag)})
    assert (result["status"], result["next_segment_to_run"]) == ("COMPLETE", None)
    assert (result["segment_id"], result["execution_order"]) == (3, 3)
    assert "/state/item/" in result["final_state_s3_path"]
    assert (result["new_history_logs"], result["logs_s3_path"] is not None) == ([], True)
    assert size_of(result) < 4 * KB
    slim = {**item, "segment_config": None}
    assert machines.execute({**slim, "state_data": machines.branch_bag(bag)})["segment_id"] == 3


def test_branch_response_stays_small_whatever_fails(machines) -> None:
    message = "원" * 20_000
    node = {
        "id": "x",
        "type": "operator_official",
        "config": {"strategy": "assert", "params": {"message": message}},
    }
    branches = [[{**node, "id": f"x{i}"}] for i in range(9)]
    inner = {"id": "inner", "type": "parallel", "branches": [{"nodes": each} for each in branches]}
    bag = machines.start(with_branches([inner], [append("p", 1)]))
    result = machines.run_d_branch(bag, machines.execute({"state_data": bag})["branches"][0])
    assert (result["status"], result["error_type"]) == ("FAILED", "BranchesFailed")
    assert size_of(result) < 4 * KB
    assert len(result["error_info"]["Cause"]) <= 256


class ShortTime:
    """A Lambda context whose time is nearly over."""

    def get_remaining_time_in_millis(self) -> int:
        return 9_999


def three_segments(**hitp):
    nodes = [[append("p", 1), {"id": "L", "type": "llm"}, append("z", 2)], [append("q", 3)]]
    configuration = with_branches(*nodes)
    configuration["nodes"][0]["branches"][0]["edges"] = [
        {"source": "p", "target": "L"},
        {"source": "L", "target": "z", **hitp},
    ]
    return configuration


def test_whole_branch_stops_in_time_and_goes_on(machines) -> None:
    bag = machines.start(three_segments())
    item = machines.execute({"state_data": bag})["branches"][0]
    event = {"state_data": machines.branch_bag(bag), "branch_config": item, "branch_index": 0}
    first = machines.execute(event, ShortTime())
    assert (first["status"], first["segments_processed"]) == ("CONTINUE", 1)
    assert first["next_segment_to_run"] == 1
    assert "/state/branch/0/branch_0/" in first["final_state_s3_path"]
    whole = machines.run_d_branch(bag, item, ShortTime())
    at_once = machines.run_d_branch(bag, item)
    assert whole["segments_processed"] == at_once["segments_processed"] == 3
    assert (
        whole["final_state_s3_path"].rsplit("/", 1)[1]
        == (at_once["final_state_s3_path"].rsplit("/", 1)[1])
    )
    loads = [machines.storage.read(result["logs_s3_path"]) for result in (whole, at_once)]
    assert [entry["id"] for entry in loads[0]] == [entry["id"] for entry in loads[1]]
    assert len(loads[0]) == 3


def test_whole_branch_pauses_and_resumes_with_the_answer(machines) -> None:
    bag = machines.start(three_segments(type="approval"))
    item = machines.execute({"state_data": bag})["branches"][0]
    event = {
        "state_data": machines.branch_bag(bag),
        "branch_config": item,
        "branch_index": 0,
        "allow_pause": True,
    }
    paused = machines.execute(event)
    assert (paused["status"], paused["paused_segment_id"]) == ("PAUSED_FOR_HITP", 2)
    refused = machines.execute({**event, "allow_pause": None})
    assert refused["error_type"] == "PauseNotAllowed"
    again = machines.execute({**event, "previous": paused, "callback_result": {"response": "yes"}})
    assert again["status"] == "COMPLETE"
    state = machines.state_of({**bag, "state_s3_path": again["final_state_s3_path"]})
    assert (state["last_hitp_response"], state["seen"]) == ("yes", [1, 2])
    failed = {"status": "FAILED", "error": {"Error": "Gone", "Cause": "c"}}
    ended = machines.execute({**event, "previous": paused, "callback_result": failed})
    assert (ended["status"], ended["error_type"]) == ("FAILED", "Gone")


@pytest.mark.parametrize("whole_branches", [True, False])
def test_pause_in_one_branch_leaves_the_others_alone(machines, whole_branches) -> None:
    bag = machines.start(three_segments(type="approval"))
    action, bag = machines.run_c(bag, whole_branches=whole_branches)
    assert (action, machines.asked) == ("COMPLETE", 1)
    assert machines.state_of(bag)["seen"] == [1, 2, 3, "m"]


def test_legacy_machine_reports_that_branches_cannot_pause(machines) -> None:
    status, _, results = machines.run_a(machines.start(three_segments(type="approval")))
    assert status == "FAILED"
    error = results[-1]["error_info"]
    assert error["Error"] == "BranchesFailed"
    assert error["branch_errors"][0]["Error"] == "PauseNotAllowed"


def test_aggregator_call_folds_in_order_and_concatenates_logs(machines) -> None:
    bag = machines.start(three_segments())
    machines.order = lambda items: list(reversed(items))
    status, _, results = machines.run_a(bag)
    assert status == "COMPLETE"
    joined = results[1]
    assert (joined["status"], joined["segment_type"]) == ("CONTINUE", "aggregator")
    assert joined["next_segment_to_run"] == 2
    assert joined["final_state"]["seen"] == [1, 2, 3]
    assert [entry["node_id"] for entry in joined["new_history_logs"]] == ["p", "L", "z", "q"]


def aggregating(machines, **more):
    bag = machines.start(GROUP)
    return bag, machines.execute({**bag, "segment_type": "aggregator", "segment_to_run": 1, **more})


def test_aggregator_call_with_a_map_error_keeps_the_pointer(machines) -> None:
    error = {"Error": "States.TaskFailed", "Cause": "c"}
    bag, result = aggregating(machines, map_error=error, parallel_results=[])
    assert (result["status"], result["error_type"]) == ("FAILED", "MapExecutionFailed")
    assert result["final_state_s3_path"] == bag["state_s3_path"]
    assert "States.TaskFailed" in result["error_info"]["Cause"]


def test_aggregator_call_without_results_fails(machines) -> None:
    _, result = aggregating(machines, parallel_results=[])
    assert (result["status"], result["error_type"]) == ("FAILED", "NoResults")


def test_aggregator_call_takes_results_in_payloads_under_the_policy(machines) -> None:
    configuration = {**three_segments(), "failure_policy": "fail_on_all_failure"}
    bag = machines.start(configuration)
    items = machines.execute({"state_data": bag})["branches"]
    good = machines.run_d_branch(bag, items[1])
    bad = {"branch_id": "branch_0", "branch_index": 0, "branch_status": "PARTIAL_FAILURE"}
    event = {**bag, "segment_type": "aggregator", "segment_to_run": 0}
    result = machines.execute({**event, "parallel_results": [{"Payload": good}, bad]})
    assert (result["status"], result["final_state"]) == ("CONTINUE", {"seen": [3]})
    assert result["error_info"]["branch_errors"][0]["branch_id"] == "branch_0"


def test_long_list_of_a_for_each_goes_to_the_store_and_is_read_back(machines) -> None:
    inner = {"id": "i", "type": "operator", "config": {"sets": {"text": "t" * 4 * KB}}}
    each = {"input_list_key": "xs", "sub_workflow": {"nodes": [inner]}}
    count = {"strategy": "list_length", "input_key": "for_each_results", "output_key": "n"}
    configuration = {
        "nodes": [
            {"id": "f", "type": "for_each", "config": each},
            {"id": "c", "type": "operator_official", "config": count},
        ],
        "edges": [{"source": "f", "target": "c", "condition": "for_each_results[8].text"}],
    }
    bag = machines.start(configuration, initial_state={"xs": list(range(9))})
    first = machines.execute(bag)["final_state"]["for_each_results"]
    assert first["type"] == "s3_reference"
    assert "/results/f/" in first["s3_path"]
    action, bag = machines.run_c(bag)
    state = machines.state_of(bag)
    assert (action, state["n"], len(state["for_each_results"])) == ("COMPLETE", 9, 9)


def test_what_looks_like_a_reference_in_user_data_stays_data(machines) -> None:
    fake = {"type": "s3_reference", "s3_path": "s3://bucket/workflow-states/other/x.json"}
    echo = {"strategy": "echo", "input_key": "fake", "output_key": "copy"}
    configuration = {"nodes": [{"id": "e", "type": "operator_official", "config": echo}]}
    bag = machines.start(configuration, initial_state={"fake": fake})
    assert machines.execute(bag)["final_state"]["copy"] == fake


def test_large_logs_leave_the_response(machines) -> None:
    details = "d" * 2 * KB
    nodes = [
        {
            "id": f"l{i}",
            "type": "operator_official",
            "config": {"strategy": "log", "params": {"message": "m", "details": details}},
        }
        for i in range(20)
    ]
    edges = [{"source": f"l{i}", "target": f"l{i + 1}"} for i in range(19)]
    result = machines.execute({"state_data": machines.start({"nodes": nodes, "edges": edges})})
    assert result["new_history_logs"] == []
    assert len(machines.storage.read(result["logs_s3_path"])) == 20


def test_entries_of_repeated_deliveries_are_known_by_their_ids(machines) -> None:
    bag = machines.start(workflow("a"))
    first, second = machines.execute(bag), machines.execute(bag)
    assert first["new_history_logs"] == second["new_history_logs"]
    assert first["final_state_s3_path"] == second["final_state_s3_path"]
    other = machines.execute({**bag, "loop_counter": 1})
    assert other["new_history_logs"][0]["id"] != first["new_history_logs"][0]["id"]


def test_chunk_call_follows_links_and_keeps_its_scope(machines) -> None:
    bag = machines.start(workflow("a->L", llm="L"))
    event = {"state_data": machines.branch_bag(bag), "chunk_id": "chunk_0001"}
    result = machines.execute({**event, "partition_map": bag["partition_map"], "segment_to_run": 0})
    assert (result["status"], result["next_segment_to_run"]) == ("CONTINUE", 1)
    assert "/state/chunk/chunk_0001/0-0/" in result["final_state_s3_path"]
    assert result["logs_s3_path"] is not None


def test_main_loop_response_stays_below_its_limit_whatever_it_holds(machines) -> None:
    message = "원" * 20_000
    nodes = [
        append("big", "가" * 9 * KB),
        {
            "id": "log",
            "type": "operator_official",
            "config": {"strategy": "log", "params": {"message": "m" * 25 * KB}},
        },
        {
            "id": "x",
            "type": "operator_official",
            "config": {"strategy": "assert", "params": {"message": message}},
        },
    ]
    edges = [{"source": "big", "target": "log"}, {"source": "log", "target": "x"}]
    configuration = {"nodes": nodes, "edges": edges, "node_error_policy": "continue"}
    bag = machines.start(configuration)
    result = machines.execute(bag)
    assert result["segment_type"] == "partial_failure"
    assert len(result["error_info"]["Cause"]) == 4096
    assert size_of(result) < 48 * KB
    state = machines.state_of({**bag, "state_s3_path": result["final_state_s3_path"]})
    assert state["seen"] == ["가" * 9 * KB]
