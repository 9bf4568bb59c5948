"""Items in pages: every position finds its item, and only one page is held at a time."""

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.executor.item_pages import (
    MAX_PAGE,
    MAX_PAGE_BYTES,
    NoSuchItem,
    item_in,
    own_item,
    own_items,
    store_items,
)
from pipeline.interpreter.item import STATE_DATA, Item
from pipeline.ledger.fan_outs import StoredItems
from pipeline.payloads.directory import DirectoryStore
from pipeline.payloads.offload import Payloads


def payloads(directory: Path) -> Payloads:
    return Payloads(store=DirectoryStore(directory), threshold_bytes=100)


def found(stored: StoredItems, payloads: Payloads) -> list[Item]:
    """The item at each position."""
    firsts = [first for first, _ in stored.pages]
    items = []
    for position in range(stored.total):
        number = bisect_right(firsts, position) - 1
        page = payloads.unpack(stored.pages[number][1])
        items.append(item_in(page, position - firsts[number]))
    return items


@pytest.mark.parametrize("count", [0, 1, MAX_PAGE, MAX_PAGE + 1, 3 * MAX_PAGE + 7])
def test_every_position_finds_its_item(count: int, tmp_path: Path) -> None:
    items = [Item(value={"n": number}, source="s3://b/k") for number in range(count)]
    stored = store_items(payloads(tmp_path), "e", iter(items))
    assert stored.total == count
    assert len(stored.pages) == -(-count // MAX_PAGE)
    assert found(stored, payloads(tmp_path)) == items


def test_a_page_has_no_item_beyond_its_last(tmp_path: Path) -> None:
    stored = store_items(payloads(tmp_path), "e", [Item(value=1)])
    with pytest.raises(NoSuchItem):
        item_in(payloads(tmp_path).unpack(stored.pages[0][1]), 1)


SOURCES = st.sampled_from(["s3://b/one", "s3://b/two", STATE_DATA])
KEYS = st.none() | st.text(max_size=3)


@given(
    described=st.lists(st.tuples(st.integers(0, 200_000), KEYS, SOURCES), max_size=8),
)
def test_sizes_keys_and_sources_of_any_order_come_back(
    described: list[tuple[int, str | None, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = payloads(tmp_path_factory.mktemp("pages"))
    items = [Item(value="x" * size, key=key, source=source) for size, key, source in described]
    assert found(store_items(store, "e", items), store) == items


def test_large_items_fill_a_page_sooner(tmp_path: Path) -> None:
    items = [Item(value="x" * (MAX_PAGE_BYTES // 4)) for _ in range(9)]
    stored = store_items(payloads(tmp_path), "e", items)
    assert [first for first, _ in stored.pages] == [0, 4, 8]


def test_a_page_is_stored_before_the_items_of_the_next_but_one_are_asked_for(
    tmp_path: Path,
) -> None:
    asked, asked_when_stored = 0, []

    def items() -> Iterator[Item]:
        nonlocal asked
        for asked in range(1, 3 * MAX_PAGE + 1):
            yield Item(value=asked)

    store_items(payloads(tmp_path), "e", items(), lambda: asked_when_stored.append(asked))
    assert asked_when_stored == [MAX_PAGE, 2 * MAX_PAGE, 3 * MAX_PAGE]


def test_the_items_of_the_state_itself_are_elements_or_pairs() -> None:
    assert own_item(["a", "b"], 1) == Item(value="b", source=STATE_DATA)
    assert own_item({"a": 1, "b": 2}, 1) == Item(value=2, key="b", source=STATE_DATA)
    assert [item.key for item in own_items({"a": 1, "b": 2})] == ["a", "b"]
