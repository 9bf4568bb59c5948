"""Folding states and the order of items (Contract 4.7)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.smart_statebag.bag.errors import MergeConflict
from tasks.smart_statebag.bag.folding import fold
from tasks.smart_statebag.bag.json_value import Json, JsonObject, encode, same
from tasks.smart_statebag.bag.ordering import order_key, ordered
from tests.unit.smart_statebag.bag.json_strategies import KEYS, states


def test_what_one_item_changed_is_taken_over() -> None:
    folded = fold({"a": 1, "b": 1}, [{"a": 2, "b": 1}, {"a": 1, "b": 3}])

    assert folded.state == {"a": 2, "b": 3}
    assert folded.conflicts == ()


def test_a_removal_counts_as_a_change() -> None:
    assert fold({"a": 1, "b": 1}, [{"b": 1}, {"a": 1, "b": 1}]).state == {"b": 1}


def test_null_is_a_value_and_not_a_removal() -> None:
    assert fold({"a": 1}, [{"a": None}]).state == {"a": None}


def test_equal_changes_are_no_conflict() -> None:
    folded = fold({"a": 1}, [{"a": [9]}, {"a": [9]}], "error")

    assert folded.state == {"a": [9]}


def test_several_removals_are_no_conflict() -> None:
    assert fold({"a": 1}, [{}, {}], "error").state == {}


def test_lists_that_extend_the_base_give_their_tails_in_order() -> None:
    states_: list[JsonObject] = [{"l": [0, number]} for number in range(1, 4)]

    assert fold({"l": [0]}, states_).state == {"l": [0, 1, 2, 3]}


def test_an_absent_list_counts_as_empty() -> None:
    assert fold({}, [{"l": [1]}, {"l": [2]}]).state == {"l": [1, 2]}


def test_a_shared_list_is_not_multiplied() -> None:
    shared: list[Json] = [1, 2, 3]

    folded = fold({"l": shared}, [{"l": shared, "x": 1}, {"l": shared, "y": 1}])

    assert folded.state["l"] == shared


def test_a_list_that_does_not_extend_the_base_is_a_conflict() -> None:
    folded = fold({"l": [0]}, [{"l": [0, 1]}, {"l": [9]}])

    assert (folded.state, folded.conflicts) == ({"l": [9]}, ("l",))


def test_true_does_not_extend_a_list_that_begins_with_one() -> None:
    assert fold({"l": [1]}, [{"l": [True, 2]}, {"l": [1, 3]}]).conflicts == ("l",)


def test_objects_are_merged_by_the_same_rules() -> None:
    folded = fold(
        {"o": {"keep": 1, "l": [0], "gone": 1}},
        [
            {"o": {"keep": 1, "l": [0, 1], "x": 1}},
            {"o": {"keep": 1, "l": [0, 2], "y": {"z": 2}, "gone": 1}},
        ],
    )

    assert folded.state == {"o": {"keep": 1, "l": [0, 1, 2], "x": 1, "y": {"z": 2}}}
    assert folded.conflicts == ()


def test_a_conflict_inside_an_object_is_named_by_its_path() -> None:
    assert fold({}, [{"o": {"a": 1}}, {"o": {"a": 2}}]).conflicts == ("o.a",)


@pytest.mark.parametrize(("policy", "value"), [("last_wins", 3), ("first_wins", 1), (None, 3)])
def test_the_merge_policy_decides_a_conflict(policy: Json, value: int) -> None:
    folded = fold({"a": 0}, [{"a": 1}, {"a": 2}, {"a": 3}], policy)

    assert (folded.state, folded.conflicts) == ({"a": value}, ("a",))


def test_a_removal_against_a_change_is_a_conflict() -> None:
    folded = fold({"a": 0}, [{"a": 1}, {}], "last_wins")

    assert (folded.state, folded.conflicts) == ({}, ("a",))


def test_the_policy_error_raises_with_the_keys() -> None:
    with pytest.raises(MergeConflict) as caught:
        fold({}, [{"a": 1, "b": 1}, {"a": 2, "b": 2}], "error")

    assert caught.value.keys == ("a", "b")


def test_reserved_keys_are_not_in_the_result() -> None:
    folded = fold({"__resume": {}, "a": 1}, [{"__router_result": 1, "a": 1}, {"a": 2}])

    assert folded.state == {"a": 2}


def test_without_items_the_base_remains() -> None:
    assert fold({"a": 1}, []).state == {"a": 1}


@given(states(), states())
def test_one_item_gives_its_own_state(base: JsonObject, state: JsonObject) -> None:
    folded = fold(base, [state], "error")

    assert same(folded.state, state)


@given(states(), st.integers(0, 4))
def test_items_that_change_nothing_give_the_base(base: JsonObject, count: int) -> None:
    folded = fold(base, [dict(base) for _ in range(count)], "error")

    assert encode(folded.state) == encode(base)


@given(states(), st.lists(states(), max_size=4))
def test_unchanged_items_never_matter(base: JsonObject, given_states: list[JsonObject]) -> None:
    with_idle = [state for given in given_states for state in (dict(base), given)]

    assert fold(base, with_idle) == fold(base, given_states)


@given(states(), st.lists(states(), max_size=4))
def test_the_inputs_are_not_changed(base: JsonObject, given_states: list[JsonObject]) -> None:
    before = encode([base, *given_states])

    fold(base, given_states)

    assert encode([base, *given_states]) == before


@given(states(), st.permutations(["a", "b", "c", "d"]), st.data())
def test_items_that_change_different_keys_may_come_in_any_order(
    base: JsonObject, order: list[str], data: st.DataObject
) -> None:
    changed: dict[str, JsonObject] = {
        key: {**base, key: data.draw(st.integers(10, 99))} for key in order
    }

    forward = fold(base, [changed[key] for key in order], "error")
    backward = fold(base, [changed[key] for key in reversed(order)], "error")

    assert same(forward.state, backward.state)


@given(st.lists(KEYS), st.lists(st.lists(st.integers()), min_size=2, max_size=5))
def test_appending_items_give_every_element_once(base: list[Json], tails: list[list[Json]]) -> None:
    changed: list[JsonObject] = [{"l": base + tail} for tail in tails]
    moving = [tail for tail in tails if tail]

    folded = fold({"l": base}, changed)

    equal = all(tail == moving[0] for tail in moving)
    added = (moving[0] if moving else []) if equal else [n for tail in moving for n in tail]
    assert folded.state["l"] == base + added


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ({"execution_order": 3, "chunk_index": 1}, 3),
        ({"execution_order": None, "chunk_index": 1}, 1),
        ({"execution_order": "x", "branch_index": 2}, 2),
        ({"segment_id": "10"}, 10),
        ({"execution_order": True, "segment_id": 4}, 4),
        ({"segment_id": "1.5"}, 1.5),
        ({"segment_id": "chunk_1"}, None),
        ({}, None),
    ],
)
def test_the_order_key_is_the_first_numeric_field(item: JsonObject, key: float | None) -> None:
    assert order_key(item) == key


def test_twelve_shuffled_items_are_ordered_as_numbers_not_as_texts() -> None:
    numbers = list(range(12))
    random.Random(7).shuffle(numbers)

    result = ordered([({"execution_order": str(number)}, number) for number in numbers])

    assert (result.items, result.fell_back) == (list(range(12)), False)


def test_ties_go_by_chunk_index_and_then_by_arrival() -> None:
    pairs: list[tuple[JsonObject, str]] = [
        ({"execution_order": 1}, "late"),
        ({"execution_order": 1, "chunk_index": 5}, "five"),
        ({"execution_order": 1, "chunk_index": 2}, "two"),
        ({"execution_order": 1}, "later"),
        ({"execution_order": 0}, "first"),
    ]

    assert ordered(pairs).items == ["first", "two", "five", "late", "later"]


def test_one_item_without_a_number_leaves_all_in_the_order_of_arrival() -> None:
    pairs: list[tuple[JsonObject, int]] = [
        ({"execution_order": 2}, 2),
        ({}, 9),
        ({"segment_id": 1}, 1),
    ]

    result = ordered(pairs)

    assert (result.items, result.fell_back) == ([2, 9, 1], True)


def test_no_items_are_in_order() -> None:
    assert ordered([]).fell_back is False
