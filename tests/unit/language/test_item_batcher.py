"""ItemBatcher: how items are put together, and how it is written."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language.definition import parse_definition
from pipeline.language.errors import ITEM_READER_FAILED, ExecutionError
from pipeline.language.json_value import Json, JsonObject, size_in_bytes
from pipeline.language.map_run_plan import Batching
from pipeline.language.states.item_batcher import batch_input, batches
from tests.pure_engine import run_purely
from tests.unit.language.documents import DISTRIBUTED_MAP, MAP, machine, problems

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(max_size=20), lambda value: st.lists(value, max_size=3)
)
PLANS = st.builds(
    Batching,
    max_items=st.none() | st.integers(1, 5),
    max_bytes=st.integers(200, 400),
    batch_input=st.none() | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@given(items=st.lists(VALUES, max_size=40), plan=PLANS)
def test_batches_keep_order_lose_nothing_and_hold_their_limits(
    items: list[Json], plan: Batching
) -> None:
    try:
        made = list(batches(items, plan))
    except ExecutionError:
        alone = (size_in_bytes(batch_input([item], plan)) for item in items)
        assert max(alone) > plan.max_bytes
        return
    assert [item for batch in made for item in batch] == items
    for batch in made:
        assert batch
        assert plan.max_items is None or len(batch) <= plan.max_items
        assert size_in_bytes(batch_input(batch, plan)) <= plan.max_bytes


@given(items=st.lists(VALUES, max_size=40), plan=PLANS)
def test_no_batch_ends_before_it_must(items: list[Json], plan: Batching) -> None:
    try:
        made = list(batches(items, plan))
    except ExecutionError:
        return
    for batch, following in itertools.pairwise(made):
        longer = batch_input([*batch, following[0]], plan)
        assert len(batch) == plan.max_items or size_in_bytes(longer) > plan.max_bytes


def test_an_item_that_fits_into_no_batch_fails_the_reading() -> None:
    plan = Batching(max_items=2, max_bytes=30)
    with pytest.raises(ExecutionError) as raised:
        list(batches(["x", "x" * 40], plan))
    assert raised.value.error == ITEM_READER_FAILED
    assert "index 1" in raised.value.cause


def batching(batcher: JsonObject, **fields: Any) -> JsonObject:
    return machine({**DISTRIBUTED_MAP, "ItemBatcher": batcher, **fields})


@pytest.mark.parametrize(
    "batcher",
    [
        {"MaxItemsPerBatch": 10},
        {"MaxInputBytesPerBatch": 262_144},
        {"MaxItemsPerBatchPath": "$.n", "MaxInputBytesPerBatchPath": "$.bytes"},
        {"MaxItemsPerBatch": 1, "BatchInput": {"at.$": "$.at"}},
    ],
)
def test_every_batcher_of_the_specification_is_taken(batcher: JsonObject) -> None:
    parse_definition(batching(batcher))


@pytest.mark.parametrize(
    ("batcher", "place", "part"),
    [
        ({}, "", "One of the fields"),
        ({"BatchInput": {}}, "", "One of the fields"),
        ({"MaxItemsPerBatch": 0}, "/MaxItemsPerBatch", "from 1"),
        ({"MaxInputBytesPerBatch": 262_145}, "/MaxInputBytesPerBatch", "to 262144"),
        ({"MaxItemsPerBatch": 1, "MaxItemsPerBatchPath": "$"}, "", "exclude each other"),
        ({"MaxItemsPerBatch": 1, "BatchInput": 1}, "/BatchInput", "an object"),
        ({"MaxItemsPerBatch": 1, "Most": 2}, "/Most", "not a field"),
    ],
)
def test_what_is_wrong_with_a_batcher_is_named_with_its_place(
    batcher: JsonObject, place: str, part: str
) -> None:
    [(found, message)] = problems(batching(batcher))
    assert found == f"/States/S/ItemBatcher{place}"
    assert part in message


def test_an_inline_map_has_no_batcher() -> None:
    [(place, _)] = problems(machine({**MAP, "ItemBatcher": {"MaxItemsPerBatch": 2}}))
    assert place == "/States/S/ItemBatcher"


def test_items_are_selected_before_they_are_put_together() -> None:
    definition = batching(
        {"MaxItemsPerBatchPath": "$.n", "BatchInput": {"run.$": "$.run"}},
        ItemsPath="$.items",
        ItemSelector={
            "index.$": "$$.Map.Item.Index",
            "value.$": "$$.Map.Item.Value",
            "source.$": "$$.Map.Item.Source",
        },
    )
    ended = run_purely(definition, {"n": 2, "run": "r", "items": ["a", "b", "c"]})
    selected = [
        {"index": index, "value": value, "source": "STATE_DATA"}
        for index, value in enumerate("abc")
    ]
    assert ended.output == [
        {"BatchInput": {"run": "r"}, "Items": selected[:2]},
        {"BatchInput": {"run": "r"}, "Items": selected[2:]},
    ]


def test_a_path_to_a_limit_must_find_a_positive_number() -> None:
    definition = batching({"MaxItemsPerBatchPath": "$.n"}, ItemsPath="$.items")
    ended = run_purely(definition, {"n": 0, "items": [1]})
    assert (ended.status, ended.error) == ("FAILED", "States.Runtime")
    assert "Expected positive integer for MaxItemsPerBatch" in ended.cause


def test_the_pairs_of_an_object_are_items_of_a_distributed_map() -> None:
    selector: JsonObject = {"key.$": "$$.Map.Item.Key", "value.$": "$$.Map.Item.Value"}
    given: JsonObject = {"one": 1, "two": 2}
    ended = run_purely(machine({**DISTRIBUTED_MAP, "ItemSelector": selector}), given)
    assert ended.output == [{"key": "one", "value": 1}, {"key": "two", "value": 2}]
    plain = run_purely(machine(DISTRIBUTED_MAP), given)
    assert plain.output == [{"Key": "one", "Value": 1}, {"Key": "two", "Value": 2}]


def test_an_inline_map_takes_no_object() -> None:
    ended = run_purely(machine(MAP), {"one": 1})
    assert (ended.error, "must point to array" in ended.cause) == ("States.Runtime", True)
