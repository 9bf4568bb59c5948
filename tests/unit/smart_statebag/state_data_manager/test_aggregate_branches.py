"""``aggregate_branches`` (Contract 4.7 to 4.9)."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.smart_statebag.bag.errors import InvalidInput, StorageUnavailable
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import size_of
from tasks.smart_statebag.state_data_manager import aggregate_branches
from tests.bags import BUCKET, PREFIX, directory_storage, entry, numbers_of
from tests.unit.smart_statebag.state_data_manager.desk import Desk, bag_in

BASE: JsonObject = {"topic": "tea", "findings": []}


def base_bag(desk: Desk, **fields: Json) -> JsonObject:
    group: JsonObject = {
        "state_s3_path": desk.write_state(BASE),
        "segment_to_run": 1,
        "join_segment": 2,
        "pending_branches": [{"branch_id": "b0"}],
    }
    return desk.bag(**{**group, **fields})


def branch(desk: Desk, index: int, *, failed: bool = False, **changes: Json) -> JsonObject:
    state: JsonObject = {**BASE, "findings": [index], f"b{index}": f"text {index}", **changes}
    return {
        "branch_id": f"branch_{index}",
        "branch_index": index,
        "execution_order": index,
        "status": "PARTIAL_FAILURE" if failed else "COMPLETE",
        "s3_path": desk.write_state(state, f"branch/0/branch_{index}"),
        "logs_s3_path": desk.write_logs([entry(index)], f"branch/0/branch_{index}"),
        "error_type": "NodeFailed" if failed else None,
    }


def aggregate(desk: Desk, bag: Json, branches: Json, **event: Json) -> JsonObject:
    return aggregate_branches(
        {"state_data": bag, "branch_pointers": branches, "load_from_s3": True, **event}, desk.tools
    )


def error_of(output: JsonObject) -> JsonObject:
    error = bag_in(output)["last_error"]
    assert isinstance(error, dict)
    return error


def test_the_states_of_all_branches_are_folded_in_order(desk: Desk) -> None:
    branches: list[Json] = [branch(desk, index) for index in range(25)]
    random.Random(3).shuffle(branches)

    output = aggregate(desk, base_bag(desk), branches)

    bag = bag_in(output)
    state = desk.state_of(bag)
    assert isinstance(state, dict)
    assert state["findings"] == list(range(25))
    assert {f"b{index}" for index in range(25)} <= state.keys()
    assert f"{PREFIX}/state/merge/0-1/" in str(bag["state_s3_path"])


def test_it_goes_on_behind_the_group(desk: Desk) -> None:
    output = aggregate(desk, base_bag(desk), [branch(desk, 0), branch(desk, 1)])

    bag = bag_in(output)
    assert output.keys() == {"state_data", "next_action"}
    assert output["next_action"] == "CONTINUE"
    assert (bag["segment_to_run"], bag["join_segment"], bag["pending_branches"]) == (2, None, [])
    assert bag["branch_summary"] == {"total": 2, "succeeded": 2, "failed": 0, "conflicts": []}
    assert (bag["failed_branches"], bag["last_error"]) == ([], None)


@pytest.mark.parametrize("join", [None, 3])
def test_without_a_segment_behind_the_group_it_is_complete(desk: Desk, join: Json) -> None:
    output = aggregate(desk, base_bag(desk, join_segment=join), [branch(desk, 0)])

    assert output["next_action"] == "COMPLETE"


def test_the_loop_counter_stays(desk: Desk) -> None:
    output = aggregate(desk, base_bag(desk, loop_counter=4), [branch(desk, 0)])

    assert bag_in(output)["loop_counter"] == 4


def test_logs_of_all_items_are_merged_by_order_failed_ones_too(desk: Desk) -> None:
    branches: list[Json] = [
        branch(desk, 2),
        branch(desk, 1, failed=True),
        branch(desk, 0),
    ]

    output = aggregate(desk, base_bag(desk, state_history=[entry(0)]), branches)

    assert numbers_of(desk.history_of(bag_in(output))) == ["entry-0", "entry-1", "entry-2"]
    assert desk.figures.of("DuplicateLogsRemoved") == [1]


def test_a_failed_branch_fails_the_group_and_is_named(desk: Desk) -> None:
    output = aggregate(desk, base_bag(desk), [branch(desk, 0), branch(desk, 1, failed=True)])

    assert output["next_action"] == "FAILED"
    assert error_of(output) == {"Error": "BranchesFailed", "Cause": "1 of 2 failed: branch_1"}
    assert bag_in(output)["failed_branches"] == [
        {
            "branch_id": "branch_1",
            "branch_index": 1,
            "status": "PARTIAL_FAILURE",
            "error_type": "NodeFailed",
        }
    ]


def test_a_tolerated_failure_is_reported_and_not_folded(desk: Desk) -> None:
    branches: list[Json] = [branch(desk, 0), branch(desk, 1), branch(desk, 2, failed=True)]

    output = aggregate(desk, base_bag(desk, failure_policy="fail_on_majority_failure"), branches)

    bag = bag_in(output)
    assert output["next_action"] == "CONTINUE"
    assert bag["branch_summary"] == {"total": 3, "succeeded": 2, "failed": 1, "conflicts": []}
    assert isinstance(bag["failed_branches"], list)
    assert len(bag["failed_branches"]) == 1
    state = desk.state_of(bag)
    assert isinstance(state, dict)
    assert state["findings"] == [0, 1]


def test_more_than_five_failures_leave_a_sample_and_a_pointer(desk: Desk) -> None:
    branches: list[Json] = [branch(desk, index, failed=True) for index in range(7)]

    bag = bag_in(aggregate(desk, base_bag(desk), branches))

    assert isinstance(bag["failed_branches"], list)
    assert len(bag["failed_branches"]) == 5
    whole = desk.storage.read(str(bag["failed_branches_s3_path"]))
    assert isinstance(whole, list)
    assert whole[:5] == bag["failed_branches"]
    assert len(whole) == 7


def test_25_failures_with_causes_of_32_kb_stay_far_below_the_limit(desk: Desk) -> None:
    branches: list[Json] = [
        {
            **branch(desk, index, failed=True),
            "error_type": "x" * 32_768,
            "error": {"Error": "Boom", "Cause": "차" * 32_768},
        }
        for index in range(25)
    ]

    output = aggregate(desk, base_bag(desk), branches)

    assert size_of(output) < 32_768


def test_a_map_error_changes_nothing_but_error_and_pending(desk: Desk) -> None:
    bag = base_bag(desk)

    output = aggregate(desk, bag, [], map_error={"Error": "States.Timeout", "Cause": "late"})

    changed = {name for name, value in bag_in(output).items() if value != bag[name]}
    assert output["next_action"] == "FAILED"
    assert error_of(output) == {"Error": "States.Timeout", "Cause": "late"}
    assert changed <= {"last_error", "pending_branches", "last_update_time", "payload_size_kb"}
    assert bag_in(output)["pending_branches"] == []


@pytest.mark.parametrize("branches", [None, [], {"branches": []}, "text"])
def test_no_results_are_a_failure(desk: Desk, branches: Json) -> None:
    output = aggregate(desk, base_bag(desk), branches)

    assert output["next_action"] == "FAILED"
    assert error_of(output)["Error"] == "NoResults"


def test_items_may_stand_in_a_payload(desk: Desk) -> None:
    output = aggregate(desk, base_bag(desk), [{"Payload": branch(desk, 0)}])

    assert output["next_action"] == "CONTINUE"


def test_inline_results_need_no_pointer(desk: Desk) -> None:
    inline: list[Json] = [
        {
            "branch_id": f"b{index}",
            "branch_index": index,
            "status": "COMPLETE",
            "final_state": {**BASE, "findings": [index]},
            "new_history_logs": [entry(index)],
        }
        for index in range(2)
    ]

    output = aggregate_branches(
        {"state_data": base_bag(desk), "parallel_results": inline}, desk.tools
    )

    bag = bag_in(output)
    assert desk.state_of(bag) == {**BASE, "findings": [0, 1]}
    assert bag["state_history"] == [entry(0), entry(1)]


def test_inline_logs_are_read_beside_the_pointer_only_in_inline_mode(desk: Desk) -> None:
    both: JsonObject = {**branch(desk, 0), "new_history_logs": [entry(7)]}

    pointers = bag_in(aggregate(desk, base_bag(desk), [both]))
    inline = bag_in(aggregate(desk, base_bag(desk), [both], load_from_s3=False))

    assert pointers["state_history"] == [entry(0)]
    assert inline["state_history"] == [entry(0), entry(7)]


def test_if_every_branch_failed_the_state_stays(desk: Desk) -> None:
    bag = base_bag(desk, failure_policy="fail_on_all_failure")

    output = aggregate(desk, bag, [branch(desk, index, failed=True) for index in range(2)])

    assert output["next_action"] == "FAILED"
    assert bag_in(output)["state_s3_path"] == bag["state_s3_path"]


def test_a_conflict_is_listed_and_the_policy_decides_it(desk: Desk) -> None:
    branches: list[Json] = [branch(desk, index, title=f"title {index}") for index in range(2)]

    last = bag_in(aggregate(desk, base_bag(desk), branches))
    first = bag_in(aggregate(desk, base_bag(desk, merge_policy="first_wins"), branches))

    for bag, title in ((last, "title 1"), (first, "title 0")):
        state = desk.state_of(bag)
        assert isinstance(state, dict)
        assert isinstance(bag["branch_summary"], dict)
        assert (state["title"], bag["branch_summary"]["conflicts"]) == (title, ["title"])


def test_under_the_policy_error_a_conflict_fails_the_group(desk: Desk) -> None:
    branches: list[Json] = [branch(desk, index, title=f"title {index}") for index in range(2)]
    bag = base_bag(desk, merge_policy="error")

    output = aggregate(desk, bag, branches)

    assert output["next_action"] == "FAILED"
    assert error_of(output)["Error"] == "MergeConflict"
    assert bag_in(output)["state_s3_path"] == bag["state_s3_path"]


def test_one_item_without_a_number_keeps_the_order_of_arrival(desk: Desk) -> None:
    branches: list[Json] = [branch(desk, 2), branch(desk, 0)]
    nameless = branch(desk, 1)
    for name in ("execution_order", "branch_index"):
        del nameless[name]

    output = aggregate(desk, base_bag(desk), [*branches, nameless])

    state = desk.state_of(bag_in(output))
    assert isinstance(state, dict)
    assert state["findings"] == [2, 0, 1]
    assert output["next_action"] == "CONTINUE"
    assert desk.figures.of("OrderFallback") == [1]


def test_25_branches_cost_51_gets_with_a_cold_cache(desk: Desk) -> None:
    branches: list[Json] = [branch(desk, index) for index in range(25)]

    aggregate(desk, base_bag(desk), branches)

    assert desk.figures.of("S3Get") == [51]
    assert desk.figures.of("S3CacheHit") == [24]
    assert len(desk.storage.cache) == 20


def test_25_branches_cost_75_gets_without_a_cache(desk: Desk, tmp_path: Path) -> None:
    uncached = Desk(
        storage=directory_storage(tmp_path, desk.clock, cache_entries=0),
        clock=desk.clock,
    )
    branches: list[Json] = [branch(uncached, index) for index in range(25)]

    aggregate(uncached, base_bag(uncached), branches)

    assert uncached.figures.of("S3Get") == [75]
    assert uncached.figures.of("S3CacheHit") == [0]


def test_an_entry_older_than_300_seconds_is_read_again(desk: Desk) -> None:
    branches: list[Json] = [branch(desk, 0)]
    aggregate(desk, base_bag(desk), branches)
    desk.clock.time += 301

    aggregate(desk, base_bag(desk), branches)

    assert desk.figures.of("S3Get") == [3, 3]


def test_a_state_that_is_gone_is_a_retryable_error(desk: Desk) -> None:
    gone = {**branch(desk, 0), "s3_path": f"s3://{BUCKET}/{PREFIX}/state/gone.json"}

    with pytest.raises(StorageUnavailable):
        aggregate(desk, base_bag(desk), [gone])


def test_without_a_bag_the_input_is_invalid(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        aggregate(desk, None, [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.permutations(range(6)), st.sets(st.integers(0, 5), max_size=5))
def test_the_final_state_does_not_depend_on_the_order_of_arrival(
    desk: Desk, arrival: list[int], failed: set[int]
) -> None:
    branches: list[Json] = [
        branch(desk, index, failed=index in failed, title=index) for index in arrival
    ]
    bag = base_bag(desk, failure_policy="fail_on_all_failure")

    output = bag_in(aggregate(desk, bag, branches))

    good = [index for index in range(6) if index not in failed]
    expected = {**BASE, "findings": good, "title": good[-1]}
    assert desk.state_of(output) == {**expected, **{f"b{n}": f"text {n}" for n in good}}
    assert numbers_of(desk.history_of(output)) == [f"entry-{index}" for index in range(6)]
