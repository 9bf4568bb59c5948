"""``update_and_compress`` (Contract 4.5, 4.9, 4.10)."""

import copy
import os

import pytest

from tasks.smart_statebag.bag.envelopes import kind_of
from tasks.smart_statebag.bag.errors import InvalidInput, PayloadTooLarge
from tasks.smart_statebag.bag.hydrator import Hydrator
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import size_of
from tasks.smart_statebag.state_data_manager import update_and_compress_state_data
from tests import contract_fields as contract
from tests.bags import BUCKET, PREFIX, entry
from tests.unit.smart_statebag.state_data_manager.desk import Desk, result


def update(desk: Desk, bag: Json, execution_result: Json = None, **event: Json) -> JsonObject:
    return update_and_compress_state_data(
        {"state_data": bag, "execution_result": execution_result, **event}, desk.tools
    )


def hydrated(desk: Desk, bag: JsonObject, name: str) -> Json:
    return Hydrator(bag, desk.storage, cached=False).hydrate(bag[name])


def test_every_field_of_both_sets_is_there_even_for_an_empty_bag(desk: Desk) -> None:
    bag = update(desk, {})

    assert bag.keys() >= contract.COPIED_BY_STANDARD | contract.COPIED_BY_DISTRIBUTED
    assert bag["state_s3_path"] is None


def test_an_empty_bag_needs_no_bucket() -> None:
    assert update_and_compress_state_data({"state_data": {}})["loop_counter"] == 0


def test_a_bag_of_either_generation_keeps_its_fields(desk: Desk) -> None:
    assert update(desk, desk.bag()).keys() >= contract.STANDARD_BAG | contract.DISTRIBUTED_BAG


def test_counters_have_their_defaults(desk: Desk) -> None:
    bag = update(desk, {"max_loop_iterations": None, "loop_counter": "7"})

    assert (bag["max_loop_iterations"], bag["max_branch_iterations"]) == (100, 100)
    assert bag["loop_counter"] == 7


def test_it_advances_neither_segment_nor_loop(desk: Desk) -> None:
    bag = update(
        desk,
        desk.bag(segment_to_run=1, loop_counter=3),
        result("CONTINUE", next_segment_to_run=2),
    )

    assert (bag["segment_to_run"], bag["loop_counter"]) == (1, 3)


def test_history_is_appended_without_deduplication(desk: Desk) -> None:
    bag = update(
        desk, desk.bag(state_history=[entry(1)]), result(new_history_logs=[entry(1), entry(2)])
    )

    assert bag["state_history"] == [entry(1), entry(1), entry(2)]


def test_logs_behind_a_pointer_are_read_if_there_are_none_inline(desk: Desk) -> None:
    bag = update(desk, desk.bag(), result(logs_s3_path=desk.write_logs([entry(5)])))

    assert bag["state_history"] == [entry(5)]


def test_state_and_pointer_change_together(desk: Desk) -> None:
    path = desk.write_state({"topic": "x"})

    both = update(desk, desk.bag(), result(final_state={"topic": "x"}, final_state_s3_path=path))
    pointer = update(desk, desk.bag(), result(final_state_s3_path=path))
    neither = update(desk, desk.bag(), result())

    assert (both["state_s3_path"], both["current_state"]) == (path, {"topic": "x"})
    assert (pointer["state_s3_path"], pointer["current_state"]) == (path, None)
    assert neither["current_state"] == {"topic": "tea"}


def test_a_null_pointer_leaves_the_known_one(desk: Desk) -> None:
    bag = desk.bag()

    assert update(desk, bag, result())["state_s3_path"] == bag["state_s3_path"]


def test_a_spliced_map_is_put_in_force(desk: Desk) -> None:
    bag = update(desk, desk.bag(), result("SEQUENTIAL_BRANCH", inner_partition_map=[{"id": 0}]))

    assert (bag["partition_map"], bag["total_segments"]) == ([{"id": 0}], 1)


def test_60_entries_of_5_kb_are_archived_and_none_is_lost(desk: Desk) -> None:
    logs: list[Json] = [entry(n, "x" * 5000) for n in range(60)]

    bag = update(desk, desk.bag(), result(new_history_logs=logs))

    assert size_of(bag) < 204_800
    assert isinstance(bag["state_history"], list)
    assert kind_of(bag["state_history"][0]) == "history_archive"
    assert desk.history_of(bag) == logs


def test_a_korean_state_of_40_kb_comes_back_byte_for_byte(desk: Desk) -> None:
    text = "차" * (40 * 1024 // 3)
    state: JsonObject = {"text": text, "small": 1}

    bag = update(desk, desk.bag(current_state=state))

    assert isinstance(bag["current_state"], dict)
    assert kind_of(bag["current_state"]["text"]) == "s3_reference"
    assert hydrated(desk, bag, "current_state") == state
    assert bag["s3_offloaded"] is True


def test_a_state_of_many_fields_becomes_a_wrapper(desk: Desk) -> None:
    state: JsonObject = {f"f{n}": "x" * 25_000 for n in range(5)}

    bag = update(desk, desk.bag(current_state=state))

    assert kind_of(bag["current_state"]) == "wrapper"
    assert hydrated(desk, bag, "current_state") == state


def test_a_bag_within_its_limit_is_left_alone(desk: Desk) -> None:
    fields: JsonObject = {"workflow_config": {"nodes": ["x" * 50_000]}, "mine": "x" * 60_000}

    bag = update(desk, desk.bag(**fields))

    assert {name: bag[name] for name in fields} == fields
    assert (bag["compression_applied"], bag["s3_offloaded"]) == (False, False)


def test_beyond_the_limit_history_configuration_and_fields_shrink_in_turn(desk: Desk) -> None:
    configuration: JsonObject = {"nodes": ["x" * 150_000]}
    logs: list[Json] = [entry(n, "y" * 400) for n in range(40)]

    bag = update(
        desk,
        desk.bag(workflow_config=configuration, mine="z" * 60_000, state_history=logs),
    )

    assert isinstance(bag["state_history"], list)
    assert len(bag["state_history"]) == 31
    assert kind_of(bag["workflow_config"]) == "compressed"
    assert hydrated(desk, bag, "workflow_config") == configuration
    assert bag["mine"] == "z" * 60_000
    assert (bag["compression_applied"], bag["s3_offloaded"]) == (True, True)


def incompressible(size: int) -> str:
    return os.urandom(size // 2).hex()


def test_fields_leave_largest_first_until_the_limit_is_kept(desk: Desk) -> None:
    fields: JsonObject = {f"f{n}": incompressible(20_000 + 1000 * n) for n in range(20)}

    bag = update(desk, desk.bag(**fields))

    offloaded = [name for name in fields if kind_of(bag[name])]
    assert size_of(bag) <= 204_800
    assert offloaded == [f"f{n}" for n in range(20 - len(offloaded), 20)]
    assert {name: hydrated(desk, bag, name) for name in fields} == fields


def test_the_event_sets_the_limit(desk: Desk) -> None:
    bag = update(desk, desk.bag(mine="x" * 60_000), max_payload_size_kb=40)

    assert kind_of(bag["mine"]) == "s3_reference"


def test_what_stays_too_large_is_refused(desk: Desk) -> None:
    with pytest.raises(PayloadTooLarge) as caught:
        update(desk, desk.bag(idempotency_key="x" * 250_000))

    assert caught.value.size_bytes > caught.value.limit_bytes == 204_800


def test_time_and_size_are_stamped(desk: Desk) -> None:
    bag = update(desk, desk.bag(mine="x" * 9000))

    assert bag["last_optimization"] == "2027-01-15T08:00:00.000Z"
    assert bag["last_update_time"] == 1_800_000_000
    assert bag["payload_size_kb"] == -(-size_of(bag) // 1024)


def test_unknown_fields_survive_and_words_for_routing_do_not(desk: Desk) -> None:
    bag = update(desk, desk.bag(mine=[None], status="RUNNING"))

    assert bag["mine"] == [None]
    assert "status" not in bag


def test_the_event_is_never_changed(desk: Desk) -> None:
    event: JsonObject = {
        "state_data": desk.bag(current_state={"big": "x" * 40_000}, state_history=[entry(1)]),
        "execution_result": result(new_history_logs=[entry(2)]),
    }
    before = copy.deepcopy(event)

    update_and_compress_state_data(event, desk.tools)

    assert event == before


@pytest.mark.parametrize("bag", [None, "text"])
def test_without_a_bag_the_input_is_invalid(desk: Desk, bag: Json) -> None:
    with pytest.raises(InvalidInput, match="state_data"):
        update(desk, bag)


def test_it_publishes_the_four_legacy_figures(desk: Desk) -> None:
    update(desk, desk.bag(mine="x" * 300_000))

    legacy = [metric for metric in desk.figures.published if metric.name != "ActionDuration"]
    assert [(metric.name, metric.unit, metric.dimension) for metric in legacy] == [
        ("PayloadSizeKB", "Kilobytes", ("OptimizationType", "Initial")),
        ("PayloadSizeKB", "Kilobytes", ("OptimizationType", "Final")),
        ("PayloadOptimization", "Count", ("OptimizationType", "Applied")),
        ("CompressionRatio", "Percent", None),
    ]
    initial, final = desk.figures.of("PayloadSizeKB")
    assert initial > 290
    assert final < 10
    assert desk.figures.of("PayloadOptimization") == [1]
    assert desk.figures.of("CompressionRatio") == [pytest.approx((1 - final / initial) * 100)]


def test_without_optimisation_the_figures_say_so(desk: Desk) -> None:
    update(desk, desk.bag())

    assert desk.figures.of("PayloadOptimization") == [0]
    assert desk.figures.of("CompressionRatio") == [0]


def test_it_never_reads_through_the_cache(desk: Desk) -> None:
    path = desk.write_logs([entry(1)])

    update(desk, desk.bag(), result(logs_s3_path=path))

    assert len(desk.storage.cache) == 0
    assert path.startswith(f"s3://{BUCKET}/{PREFIX}/logs/")
