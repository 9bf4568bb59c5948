"""``sync`` (Contract 4.3, 4.4, 4.6)."""

import copy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.errors import (
    IntegrityError,
    InvalidInput,
    PayloadTooLarge,
    StorageUnavailable,
)
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.sizes import size_of
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.state_data_manager import sync_state_data
from tasks.smart_statebag.state_data_manager.finishing import stamp_size
from tests.bags import BUCKET, PREFIX, FailingStore, entry, identity, numbers_of
from tests.unit.smart_statebag.state_data_manager.desk import Desk, bag_in, result


def sync(desk: Desk, bag: Json, execution_result: Json, **event: Json) -> JsonObject:
    return sync_state_data(
        {"action": "sync", "state_data": bag, "execution_result": execution_result, **event},
        desk.tools,
    )


def error_name(output: JsonObject) -> Json:
    error = bag_in(output)["last_error"]
    assert isinstance(error, dict)
    return error["Error"]


def test_the_output_is_exactly_bag_and_next_action(desk: Desk) -> None:
    assert sync(desk, desk.bag(), result()).keys() == {"state_data", "next_action"}


@pytest.mark.parametrize(
    ("given_result", "action"),
    [
        (result("FAILED"), "FAILED"),
        (result("HALTED"), "HALTED"),
        (result("SIGKILL"), "SIGKILL"),
        (result("COMPLETE"), "COMPLETE"),
        (result("CONTINUE", next_segment_to_run=1), "CONTINUE"),
        (result("SKIPPED", next_segment_to_run=2), "CONTINUE"),
        (result("CONTINUE", next_segment_to_run=3), "COMPLETE"),
        (result("SKIPPED", next_segment_to_run=7), "COMPLETE"),
        (result("PARALLEL_GROUP", branches=[{"branch_id": "b"}]), "PARALLEL_GROUP"),
        (result("SCHEDULED_PARALLEL", branches=[{"branch_id": "b"}]), "PARALLEL_GROUP"),
        (result("SEQUENTIAL_BRANCH", inner_partition_map=[{"id": 0}]), "SEQUENTIAL_BRANCH"),
        (result("PAUSED_FOR_HITP", next_segment_to_run=0), "PAUSED_FOR_HITP"),
        (result("PAUSE", next_segment_to_run=0), "PAUSE"),
        (result("PAUSED_FOR_ASYNC_LLM", next_segment_to_run=0), "PAUSED_FOR_ASYNC_LLM"),
    ],
)
def test_each_status_has_its_next_action(desk: Desk, given_result: JsonObject, action: str) -> None:
    output = sync(desk, desk.bag(), given_result)

    assert output["next_action"] == action
    assert (bag_in(output)["last_error"] is None) is (action not in ("FAILED", "HALTED", "SIGKILL"))


@pytest.mark.parametrize(
    ("given_result", "error"),
    [
        (result("NONSENSE"), "UnknownStatus"),
        (result(""), "UnknownStatus"),
        (result(None), "UnknownStatus"),
        ({}, "UnknownStatus"),
        (None, "UnknownStatus"),
        (result("complete"), "UnknownStatus"),
        (result(7), "InvalidResult"),
        ("text", "InvalidResult"),
        ([], "InvalidResult"),
        (result("PARALLEL_GROUP"), "InvalidResult"),
        (result("SEQUENTIAL_BRANCH"), "InvalidResult"),
        (result("SEQUENTIAL_BRANCH", inner_partition_map=[]), "InvalidResult"),
        (
            result("SEQUENTIAL_BRANCH", inner_partition_map_s3_path="s3://b/k"),
            "InvalidResult",
        ),
        (result("CONTINUE", next_segment_to_run="1"), "InvalidResult"),
        (result("CONTINUE", next_segment_to_run=True), "InvalidResult"),
        (result("CONTINUE", final_state_s3_path=7), "InvalidResult"),
        (result("CONTINUE", new_history_logs={}), "InvalidResult"),
    ],
)
def test_what_breaks_the_contract_fails_with_a_name(
    desk: Desk, given_result: Json, error: str
) -> None:
    output = sync(desk, desk.bag(), given_result)

    assert output["next_action"] == "FAILED"
    assert error_name(output) == error


def test_a_bad_result_does_not_move_the_position(desk: Desk) -> None:
    bag = bag_in(sync(desk, desk.bag(segment_to_run=1), result("PARALLEL_GROUP")))

    assert (bag["segment_to_run"], bag["pending_branches"]) == (1, [])


def test_the_pointer_of_the_result_goes_into_the_bag(desk: Desk) -> None:
    path = desk.write_state({"topic": "tea", "text": "x"})

    bag = bag_in(sync(desk, desk.bag(), result(final_state_s3_path=path)))

    assert bag["state_s3_path"] == path
    assert bag["current_state"] is None


@pytest.mark.parametrize("missing", [{"final_state_s3_path": None}, {}])
def test_a_null_or_absent_pointer_changes_nothing(desk: Desk, missing: JsonObject) -> None:
    bag = desk.bag()

    synced = bag_in(sync(desk, bag, {"status": "CONTINUE", **missing}))

    assert synced["state_s3_path"] == bag["state_s3_path"]


def test_an_inline_state_without_a_pointer_is_written(desk: Desk) -> None:
    bag = bag_in(sync(desk, desk.bag(), result(final_state={"topic": "차"})))

    assert desk.state_of(bag) == {"topic": "차"}
    assert f"{PREFIX}/state/main/0-0/" in str(bag["state_s3_path"])


def test_an_inline_state_beside_a_pointer_is_ignored(desk: Desk) -> None:
    path = desk.write_state({"truth": 1})

    bag = bag_in(sync(desk, desk.bag(), result(final_state={"copy": 1}, final_state_s3_path=path)))

    assert desk.state_of(bag) == {"truth": 1}


def test_a_wrapper_gives_its_path(desk: Desk) -> None:
    path = desk.write_state({"topic": "x"})

    bag = bag_in(
        sync(desk, desk.bag(), result(final_state={"__s3_offloaded": True, "__s3_path": path}))
    )

    assert bag["state_s3_path"] == path


@pytest.mark.parametrize("status", ["CONTINUE", "SKIPPED"])
def test_without_a_next_segment_the_index_goes_up_by_one(desk: Desk, status: str) -> None:
    bag = bag_in(sync(desk, desk.bag(segment_to_run=1), result(status)))

    assert bag["segment_to_run"] == 2


def test_a_null_index_counts_as_absent(desk: Desk) -> None:
    bag = bag_in(sync(desk, desk.bag(segment_to_run=None, loop_counter=None), result()))

    assert (bag["segment_to_run"], bag["loop_counter"]) == (1, 1)


@pytest.mark.parametrize("status", ["CONTINUE", "FAILED", "NONSENSE", "PAUSED_FOR_HITP", None])
def test_every_sync_counts_one_loop(desk: Desk, status: Json) -> None:
    bag = bag_in(sync(desk, desk.bag(loop_counter=4), result(status)))

    assert bag["loop_counter"] == 5


def test_a_pause_stays_at_its_segment(desk: Desk) -> None:
    bag = bag_in(
        sync(desk, desk.bag(segment_to_run=1), result("PAUSED_FOR_HITP", next_segment_to_run=1))
    )

    assert bag["segment_to_run"] == 1


def test_branches_replace_the_pending_ones_and_the_join_is_kept(desk: Desk) -> None:
    bag = bag_in(
        sync(
            desk,
            desk.bag(pending_branches=[{"branch_id": "old"}]),
            result(
                "PARALLEL_GROUP",
                branches=[{"branch_id": "b0"}, {"branch_id": "b1"}],
                join_segment=2,
                next_segment_to_run=1,
            ),
        )
    )

    assert bag["pending_branches"] == [{"branch_id": "b0"}, {"branch_id": "b1"}]
    assert (bag["join_segment"], bag["segment_to_run"]) == (2, 1)


def test_branches_of_any_other_status_are_ignored(desk: Desk) -> None:
    bag = bag_in(sync(desk, desk.bag(), result(branches=[{"branch_id": "b"}], join_segment=2)))

    assert (bag["pending_branches"], bag["join_segment"]) == ([], None)


def test_a_spliced_map_is_put_in_force(desk: Desk) -> None:
    inner: list[Json] = [{"id": n} for n in range(5)]

    bag = bag_in(
        sync(
            desk,
            desk.bag(segment_to_run=2, partition_map=None, partition_map_s3_path="s3://b/old"),
            result("SEQUENTIAL_BRANCH", inner_partition_map=inner, next_segment_to_run=0),
        )
    )

    assert (bag["partition_map"], bag["partition_map_s3_path"]) == (inner, None)
    assert (bag["segment_to_run"], bag["total_segments"]) == (0, 5)


def test_a_spliced_map_behind_a_pointer_takes_its_length_from_the_result(desk: Desk) -> None:
    bag = bag_in(
        sync(
            desk,
            desk.bag(),
            result("SEQUENTIAL_BRANCH", inner_partition_map_s3_path="s3://b/map", total_segments=9),
        )
    )

    assert (bag["partition_map"], bag["partition_map_s3_path"]) == (None, "s3://b/map")
    assert (bag["segment_to_run"], bag["total_segments"]) == (0, 9)


def test_inline_logs_are_merged_without_duplicates(desk: Desk) -> None:
    bag = desk.bag(state_history=[entry(1)])

    synced = bag_in(sync(desk, bag, result(new_history_logs=[entry(1), entry(2), entry(2)])))

    assert numbers_of(desk.history_of(synced)) == ["entry-1", "entry-2"]
    assert desk.figures.of("DuplicateLogsRemoved") == [2]


def test_logs_behind_a_pointer_are_read_if_there_are_none_inline(desk: Desk) -> None:
    path = desk.write_logs([entry(5)])

    synced = bag_in(sync(desk, desk.bag(), result(logs_s3_path=path)))
    both = bag_in(sync(desk, desk.bag(), result(logs_s3_path=path, new_history_logs=[entry(6)])))

    assert synced["state_history"] == [entry(5)]
    assert both["state_history"] == [entry(6)]


def test_an_error_goes_into_the_bag_with_its_cause_cut(desk: Desk) -> None:
    info: JsonObject = {"Error": "NodeFailed", "Cause": "차" * 5000, "node_id": "n1"}

    bag = bag_in(sync(desk, desk.bag(), result("FAILED", error_info=info)))

    assert bag["last_error"] == {"Error": "NodeFailed", "Cause": "차" * 4096, "node_id": "n1"}


def test_a_failure_without_an_error_gets_one(desk: Desk) -> None:
    assert error_name(sync(desk, desk.bag(), result("HALTED"))) == "HALTED"


def test_a_success_clears_the_last_error(desk: Desk) -> None:
    bag = desk.bag(last_error={"Error": "Old", "Cause": ""})

    synced = bag_in(sync(desk, bag, result(error_info={"Error": "Tolerated", "Cause": ""})))

    assert synced["last_error"] is None


def test_the_time_of_a_segment_is_noted(desk: Desk) -> None:
    bag = desk.bag(state_durations={"0": 1.5})

    synced = bag_in(sync(desk, bag, result(segment_id=1, execution_time=2.25)))

    assert synced["state_durations"] == {"0": 1.5, "1": 2.25}


def test_offloaded_durations_are_hydrated_before_they_change(desk: Desk) -> None:
    many: JsonObject = {f"segment-{n}": 0.5 for n in range(3000)}
    bag = bag_in(sync(desk, desk.bag(state_durations=many), result()))
    assert isinstance(bag["state_durations"], dict)
    assert bag["state_durations"]["type"] == "s3_reference"

    synced = bag_in(sync(desk, bag, result(segment_id="new", execution_time=1)))

    reference = synced["state_durations"]
    assert isinstance(reference, dict)
    assert desk.storage.read(str(reference["s3_path"])) == {**many, "new": 1.0}


def test_unknown_fields_survive(desk: Desk) -> None:
    bag = bag_in(sync(desk, desk.bag(mine={"deep": [None, 1]}), result()))

    assert bag["mine"] == {"deep": [None, 1]}


def test_words_for_routing_are_not_stored(desk: Desk) -> None:
    bag = bag_in(sync(desk, desk.bag(status="RUNNING", next_action="CONTINUE"), result()))

    assert not {"status", "next_action"} & bag.keys()


def test_the_event_is_never_changed(desk: Desk) -> None:
    event: JsonObject = {
        "action": "sync",
        "state_data": desk.bag(mine="x" * 40_000, state_history=[entry(1)]),
        "execution_result": result(new_history_logs=[entry(2)], segment_id=0, execution_time=1),
    }
    before = copy.deepcopy(event)

    sync_state_data(event, desk.tools)

    assert event == before


@pytest.mark.parametrize("wrap", [["result"], ["Payload"], ["result", "Payload"]])
def test_a_result_may_be_wrapped_twice(desk: Desk, wrap: list[str]) -> None:
    wrapped: Json = result("COMPLETE")
    for name in wrap:
        wrapped = {name: wrapped}

    assert sync(desk, desk.bag(), wrapped)["next_action"] == "COMPLETE"


def test_a_result_wrapped_three_times_is_none(desk: Desk) -> None:
    wrapped: Json = {"result": {"Payload": {"result": result("COMPLETE")}}}

    assert sync(desk, desk.bag(), wrapped)["next_action"] == "FAILED"


@pytest.mark.parametrize("bag", [None, "text", []])
def test_without_a_bag_the_input_is_invalid(desk: Desk, bag: Json) -> None:
    with pytest.raises(InvalidInput, match="state_data"):
        sync(desk, bag, result())


def test_time_and_size_are_stamped(desk: Desk) -> None:
    desk.clock.time = 1_800_000_123.9

    bag = bag_in(sync(desk, desk.bag(mine="x" * 5000), result()))

    assert bag["last_update_time"] == 1_800_000_123
    assert bag["payload_size_kb"] == -(-size_of(bag) // 1024)


@given(st.integers(9 * 1024 - 30, 9 * 1024 + 30))
def test_the_stamped_size_counts_its_own_digits(size: int) -> None:
    bag: JsonObject = {"mine": "x" * (size - 30)}

    total = stamp_size(bag)

    assert total == size_of(bag)
    assert bag["payload_size_kb"] == -(-total // 1024)


def test_a_field_above_30_kb_is_offloaded_and_smaller_ones_stay(desk: Desk) -> None:
    bag = bag_in(sync(desk, desk.bag(mine="차" * 11_000, small="x" * 20_000), result()))

    assert isinstance(bag["mine"], dict)
    assert desk.storage.read(str(bag["mine"]["s3_path"])) == "차" * 11_000
    assert bag["small"] == "x" * 20_000


def test_above_the_soft_limit_further_fields_leave(desk: Desk) -> None:
    fields: JsonObject = {f"f{n}": "x" * 29_000 for n in range(8)}

    bag = bag_in(sync(desk, desk.bag(**fields), result()))

    assert 120 * 1024 < size_of(bag) <= 150 * 1024


def test_a_bag_of_5_mb_fits(desk: Desk) -> None:
    fields: JsonObject = {f"f{n}": "차" * 17_000 for n in range(100)}

    bag = bag_in(sync(desk, desk.bag(**fields), result()))

    assert size_of(bag) <= 150 * 1024


def test_what_cannot_be_offloaded_and_is_too_large_is_refused(desk: Desk) -> None:
    with pytest.raises(PayloadTooLarge) as caught:
        sync(desk, desk.bag(idempotency_key="x" * 210_000), result())

    assert caught.value.limit_bytes == 204_800


def test_51_entries_leave_25(desk: Desk) -> None:
    logs: list[Json] = [entry(n) for n in range(51)]

    bag = bag_in(sync(desk, desk.bag(), result(new_history_logs=logs)))

    assert isinstance(bag["state_history"], list)
    assert len(bag["state_history"]) == 26
    assert desk.history_of(bag) == logs


def test_delivering_a_result_again_adds_no_entry_even_if_the_first_ones_are_archived(
    desk: Desk,
) -> None:
    logs: list[Json] = [entry(n) for n in range(60)]
    once = bag_in(sync(desk, desk.bag(), result(new_history_logs=logs)))

    twice = bag_in(sync(desk, once, result(new_history_logs=logs)))

    assert desk.history_of(twice) == logs


def failing_desk(desk: Desk, path: Path, **failures: int) -> Desk:
    store = FailingStore(DirectoryStore(path, BUCKET), **failures)
    storage = StateStorage(store, clock=desk.clock)
    return Desk(storage=storage, clock=desk.clock, figures=desk.figures)


def test_a_put_that_fails_is_a_retryable_error_and_truncates_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    broken = failing_desk(desk, tmp_path, puts=3)

    with pytest.raises(StorageUnavailable) as caught:
        sync(broken, desk.bag(mine="x" * 40_000), result())

    assert caught.value.retryable


def test_logs_that_are_gone_are_an_error_and_no_empty_list(desk: Desk) -> None:
    with pytest.raises(StorageUnavailable):
        sync(desk, desk.bag(), result(logs_s3_path=f"s3://{BUCKET}/{PREFIX}/logs/main/gone.json"))


def test_logs_with_the_wrong_hash_are_an_error(desk: Desk) -> None:
    key = f"{keys_of(identity()).logs('main')}/{'0' * 64}.json"
    desk.storage.write_named(key, [entry(1)])

    with pytest.raises(IntegrityError):
        sync(desk, desk.bag(), result(logs_s3_path=f"s3://{BUCKET}/{key}"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.integers(0, 40), max_size=70), st.lists(st.integers(0, 4), max_size=6))
def test_any_repetition_of_deliveries_gives_one_history(
    desk: Desk, numbers: list[int], repetitions: list[int]
) -> None:
    batches: list[list[Json]] = [
        [entry(number) for number in numbers[start : start + 20]]
        for start in range(0, len(numbers), 20)
    ]
    deliveries = [batch for batch in batches for _ in range(2)]
    deliveries += [batches[n % len(batches)] for n in repetitions if batches]
    bag = desk.bag()

    for batch in deliveries:
        bag = bag_in(sync(desk, bag, result(new_history_logs=batch)))

    assert desk.history_of(bag) == [entry(number) for number in dict.fromkeys(numbers)]


def test_the_figures_of_a_v3_action_are_published(desk: Desk) -> None:
    path = desk.write_logs([entry(5)])

    sync(desk, desk.bag(), result(logs_s3_path=path))
    sync(desk, desk.bag(), result(logs_s3_path=path))

    assert desk.figures.of("S3Get") == [1, 0]
    assert desk.figures.of("S3CacheHit") == [0, 1]
    assert {metric.name for metric in desk.figures.published} == {
        "PayloadSizeKB",
        "DuplicateLogsRemoved",
        "S3Get",
        "S3CacheHit",
        "OrderFallback",
        "ActionDuration",
    }
    assert {metric.dimension for metric in desk.figures.published} == {("Action", "sync")}
