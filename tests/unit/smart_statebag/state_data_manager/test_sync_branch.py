"""``sync_branch`` (Contract 4.6)."""

import copy

import pytest

from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import size_of
from tasks.smart_statebag.state_data_manager import sync_branch_state
from tests.bags import PREFIX, entry, identity
from tests.unit.smart_statebag.state_data_manager.desk import Desk, bag_in, result


def branch_state(desk: Desk, **fields: Json) -> JsonObject:
    return {
        "branch_id": "b1",
        "branch_index": 1,
        "execution_order": 1,
        "segment_to_run": 0,
        "loop_counter": 0,
        "total_segments": 2,
        "partition_map": [{"id": 0}, {"id": 1}],
        "partition_map_s3_path": None,
        "logs_s3_path": None,
        "status": "RUNNING",
        "error_info": {"Error": "UnknownError"},
        "state_data": {
            **identity(),
            "state_s3_path": desk.write_state({"topic": "tea"}),
            "total_segments": 99,
            "group_loop": 3,
        },
        **fields,
    }


def sync(desk: Desk, branch: Json, execution_result: Json) -> JsonObject:
    return sync_branch_state(
        {"branch_state": branch, "execution_result": execution_result}, desk.tools
    )


def inner(output: JsonObject) -> JsonObject:
    return bag_in(bag_in(output, "branch_state"))


def test_the_output_is_branch_state_and_next_action(desk: Desk) -> None:
    output = sync(desk, branch_state(desk), result())

    assert output.keys() == {"branch_state", "next_action"}


@pytest.mark.parametrize(
    ("given_result", "action"),
    [
        (result("CONTINUE", next_segment_to_run=1), "CONTINUE"),
        (result("CONTINUE", next_segment_to_run=2), "COMPLETE"),
        (result("SKIPPED"), "CONTINUE"),
        (result("COMPLETE"), "COMPLETE"),
        (result("SEQUENTIAL_BRANCH", inner_partition_map=[{"id": 0}]), "CONTINUE"),
        (result("PAUSED_FOR_HITP", next_segment_to_run=0), "PAUSED_FOR_HITP"),
        (result("PAUSE", next_segment_to_run=0), "PAUSED_FOR_HITP"),
        (result("FAILED"), "FAILED"),
        (result("HALTED"), "HALTED"),
        (result("SIGKILL"), "SIGKILL"),
        (result("PARALLEL_GROUP", branches=[{"branch_id": "x"}]), "FAILED"),
        (result("PAUSED_FOR_ASYNC_LLM"), "FAILED"),
        (result("NONSENSE"), "FAILED"),
        (None, "FAILED"),
    ],
)
def test_each_status_has_its_next_action(desk: Desk, given_result: Json, action: str) -> None:
    output = sync(desk, branch_state(desk), given_result)

    assert output["next_action"] == action
    assert bag_in(output, "branch_state")["status"] == action


def test_completion_goes_by_the_map_of_the_branch_not_the_parents(desk: Desk) -> None:
    output = sync(desk, branch_state(desk, segment_to_run=1), result())

    assert output["next_action"] == "COMPLETE"


def test_the_state_pointer_goes_into_the_branch_bag(desk: Desk) -> None:
    path = desk.write_state({"topic": "x"}, "branch/3/b1")

    output = sync(desk, branch_state(desk), result(final_state_s3_path=path))

    assert inner(output)["state_s3_path"] == path
    assert "state_s3_path" not in bag_in(output, "branch_state")


def test_without_a_bag_the_pointer_goes_into_the_branch_state(desk: Desk) -> None:
    branch = {**branch_state(desk), **identity()}
    del branch["state_data"]

    output = sync(desk, branch, result(final_state_s3_path="s3://b/k"))

    assert bag_in(output, "branch_state")["state_s3_path"] == "s3://b/k"


def test_its_own_counter_goes_up(desk: Desk) -> None:
    output = sync(desk, branch_state(desk, loop_counter=4), result())

    assert bag_in(output, "branch_state")["loop_counter"] == 5


def test_the_cumulative_logs_pointer_is_taken_over(desk: Desk) -> None:
    output = sync(
        desk, branch_state(desk, logs_s3_path="s3://b/old"), result(logs_s3_path="s3://b/new")
    )

    assert bag_in(output, "branch_state")["logs_s3_path"] == "s3://b/new"


def test_a_null_logs_pointer_leaves_the_known_one(desk: Desk) -> None:
    output = sync(desk, branch_state(desk, logs_s3_path="s3://b/old"), result())

    assert bag_in(output, "branch_state")["logs_s3_path"] == "s3://b/old"


def test_no_inline_state_or_log_enters_the_branch_state(desk: Desk) -> None:
    before = desk.write_logs([entry(1)], "branch/3/b1")

    output = sync(
        desk,
        branch_state(desk, logs_s3_path=before),
        result(final_state={"text": "inline"}, new_history_logs=[entry(1), entry(2)]),
    )

    branch = bag_in(output, "branch_state")
    assert not {"final_state", "new_history_logs", "state_history"} & branch.keys()
    assert desk.state_of(inner(output)) == {"text": "inline"}
    assert f"{PREFIX}/state/branch/3/b1/" in str(inner(output)["state_s3_path"])
    assert desk.storage.read(str(branch["logs_s3_path"])) == [entry(1), entry(2)]


def test_a_spliced_map_is_put_in_force(desk: Desk) -> None:
    spliced: list[Json] = [{"id": 0}, {"id": 1}, {"id": 2}]

    output = sync(
        desk,
        branch_state(desk, segment_to_run=1),
        result("SEQUENTIAL_BRANCH", inner_partition_map=spliced),
    )

    branch = bag_in(output, "branch_state")
    assert (branch["partition_map"], branch["total_segments"]) == (spliced, 3)
    assert (branch["segment_to_run"], output["next_action"]) == (0, "CONTINUE")


def test_a_failure_is_a_short_normalised_error(desk: Desk) -> None:
    info: JsonObject = {"Error": "Boom", "Cause": "x" * 9000, "attempts": [1]}

    output = sync(desk, branch_state(desk), result("FAILED", error_info=info))

    assert bag_in(output, "branch_state")["error_info"] == {"Error": "Boom", "Cause": "x" * 256}


def test_a_success_keeps_the_seed_of_the_error(desk: Desk) -> None:
    output = sync(desk, branch_state(desk), result())

    assert bag_in(output, "branch_state")["error_info"] == {"Error": "UnknownError"}


def test_an_answer_goes_into_a_new_state_of_the_branch(desk: Desk) -> None:
    callback: JsonObject = {"status": "RESUMED", "userResponse": {"ok": True}, "pause_id": "p#1"}

    output = sync(
        desk,
        branch_state(desk, segment_to_run=1),
        {"status": "RESUMED", "callback_result": callback},
    )

    assert output["next_action"] == "CONTINUE"
    assert bag_in(output, "branch_state")["segment_to_run"] == 1
    assert desk.state_of(inner(output)) == {
        "topic": "tea",
        "last_hitp_response": {"ok": True},
        "__resume": {"segment": 1, "pause_id": "p#1"},
    }


def test_a_failed_callback_fails_the_branch(desk: Desk) -> None:
    callback: JsonObject = {"status": "FAILED", "Error": "Refused", "Cause": "no"}

    output = sync(desk, branch_state(desk), {"status": "RESUMED", "callback_result": callback})

    assert output["next_action"] == "FAILED"
    assert bag_in(output, "branch_state")["error_info"] == {"Error": "Refused", "Cause": "no"}


def test_a_large_map_of_a_branch_moves_to_its_pointer(desk: Desk) -> None:
    segments: list[Json] = [{"id": n, "text": "x" * 20_000} for n in range(2)]

    output = sync(desk, branch_state(desk, partition_map=segments), result(next_segment_to_run=1))

    branch = bag_in(output, "branch_state")
    assert branch["partition_map"] is None
    assert desk.storage.read(str(branch["partition_map_s3_path"])) == segments
    assert size_of(output) < 4096


def test_the_event_is_never_changed(desk: Desk) -> None:
    event: JsonObject = {
        "branch_state": branch_state(desk),
        "execution_result": result(final_state={"a": 1}, new_history_logs=[entry(1)]),
    }
    before = copy.deepcopy(event)

    sync_branch_state(event, desk.tools)

    assert event == before


@pytest.mark.parametrize("branch", [None, "x"])
def test_without_a_branch_state_the_input_is_invalid(desk: Desk, branch: Json) -> None:
    with pytest.raises(InvalidInput, match="branch_state"):
        sync(desk, branch, result())
