"""The items of a map run's children in pages, so that a lane reads only one page at a time.

The ledger knows where each page begins. All but the first lie below the execution's prefix of the
object store like any large payload; so do the first ones that are large.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pipeline.interpreter.item import STATE_DATA, Item
from pipeline.language.json_value import Json, JsonObject, size_in_bytes
from pipeline.ledger.fan_outs import StoredItems
from pipeline.payloads.offload import Payloads

MAX_PAGE = 1000
"""Items of a page at most."""

MAX_PAGE_BYTES = 131_072
"""Bytes of JSON at which a page is full."""


class NoSuchItem(Exception):
    """The position is beyond the last item."""


def store_items(
    payloads: Payloads,
    execution_id: str,
    items: Iterable[Item],
    page_stored: Callable[[], None] = lambda: None,
) -> StoredItems:
    """Store items page by page; only one page is held at a time.

    Args:
        payloads: Where they go.
        execution_id: The execution below whose prefix they are stored.
        items: The items.
        page_stored: Called after each page.

    Raises:
        ObjectStoreUnavailable: The object store did not take a page.
    """
    pages: list[tuple[int, bytes]] = []
    total = 0
    for page in _pages(items):
        store = payloads.store_apart if pages else payloads.pack
        pages.append((total, store(execution_id, page.document())))
        total += len(page.values)
        page_stored()
    return StoredItems(pages=pages, total=total)


def item_in(page: Json, offset: int) -> Item:
    """The item of a page.

    Raises:
        NoSuchItem: There are not so many.
    """
    document: Any = page  # as it was stored
    if offset >= len(document["values"]):
        raise NoSuchItem(offset)
    begins = [first for first, _ in document["sources"]]
    return Item(
        value=document["values"][offset],
        key=document["keys"][offset] if document["keys"] else None,
        source=document["sources"][bisect_right(begins, offset) - 1][1],
    )


def own_items(shared: Json) -> Iterator[Item]:
    """The items of a distributed Map that come from its own input: an array or an object."""
    if isinstance(shared, dict):
        for key, value in shared.items():
            yield Item(value=value, key=key, source=STATE_DATA)
    elif isinstance(shared, list):
        for value in shared:
            yield Item(value=value, source=STATE_DATA)


def own_item(shared: Json, position: int) -> Item:
    """One of ``own_items``."""
    if isinstance(shared, list):
        return Item(value=shared[position], source=STATE_DATA)
    return next(islice(own_items(shared), position, None))


@dataclass(slots=True)
class _Page:
    """A page that is being filled.

    Attributes:
        keys: One for each value, or none at all.
        sources: Each source with the number of the first value that came from it.
    """

    values: list[Json] = field(default_factory=list)
    keys: list[Json] = field(default_factory=list)
    sources: list[Json] = field(default_factory=list)
    size: int = 0
    source: str | None = None

    def add(self, item: Item) -> None:
        """Add an item."""
        if not self.values or item.source != self.source:
            self.source = item.source
            self.sources.append([len(self.values), item.source])
        if item.key is not None:
            self.keys.append(item.key)
        self.values.append(item.value)
        self.size += size_in_bytes(item.value)

    @property
    def is_full(self) -> bool:
        """Whether the next item goes into another page."""
        return len(self.values) == MAX_PAGE or self.size >= MAX_PAGE_BYTES

    def document(self) -> JsonObject:
        """The page as it is stored."""
        return {"values": self.values, "keys": self.keys, "sources": self.sources}


def _pages(items: Iterable[Item]) -> Iterator[_Page]:
    page = _Page()
    for item in items:
        # A file of pairs and one of elements never share a page: then it has all keys, or none.
        if page.values and (item.key is None) is bool(page.keys):
            yield page
            page = _Page()
        page.add(item)
        if page.is_full:
            yield page
            page = _Page()
    if page.values:
        yield page
