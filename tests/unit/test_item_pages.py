"""Items in pages: every position finds its item, and only its page is read."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import item_pages
from pipeline.item_pages import NoSuchItem, store_items, stored_item
from pipeline.payloads.cache import PayloadCache
from pipeline.payloads.directory import DirectoryStore
from pipeline.payloads.offload import Payloads


class CountingStore(DirectoryStore):
    """Counts the objects that are read."""

    reads = 0

    def get(self, key: str) -> bytes:
        self.reads += 1
        return super().get(key)


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1700])
def test_every_position_finds_its_item(count: int, tmp_path: Path) -> None:
    payloads = Payloads(store=DirectoryStore(tmp_path), threshold_bytes=100)
    items: list[Any] = [{"n": number} for number in range(count)]
    stored = store_items(payloads, "e", iter(items))
    assert stored.total == count
    assert [stored_item(payloads, stored.index, position) for position in range(count)] == items
    with pytest.raises(NoSuchItem):
        stored_item(payloads, stored.index, count)


@given(sizes=st.lists(st.integers(0, 200_000), max_size=8))
def test_large_items_fill_a_page_sooner(
    sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = DirectoryStore(tmp_path_factory.mktemp("pages"))
    payloads = Payloads(store=store, threshold_bytes=100)
    items = ["x" * size for size in sizes]
    stored = store_items(payloads, "e", items)
    assert [stored_item(payloads, stored.index, n) for n in range(len(items))] == items


def test_an_item_costs_one_page_whatever_the_number_of_items(tmp_path: Path) -> None:
    store = CountingStore(tmp_path)
    writer = Payloads(store=store, threshold_bytes=100)
    stored = store_items(writer, "e", range(20 * item_pages.LONGEST_PAGE))
    reader = Payloads(store=store, threshold_bytes=100, cache=PayloadCache())
    assert stored_item(reader, stored.index, 4321) == 4321
    assert store.reads == 1
