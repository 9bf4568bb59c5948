"""The items of a map run in pages, so that a lane reads only the page of its item.

The ledger holds an index of the pages; the pages lie below the execution's prefix of the object
store like any large payload.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgpack

from pipeline.language.json_value import Json, size_in_bytes
from pipeline.payloads.offload import Payloads

LONGEST_PAGE = 500
"""Items of a page at most."""

LARGEST_PAGE_BYTES = 262_144
"""Bytes of JSON at which a page is full."""


class NoSuchItem(Exception):
    """A position beyond the last item was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItems:
    """Items that have been stored.

    Attributes:
        index: Their pages, encoded.
        total: How many there are.
    """

    index: bytes
    total: int


def store_items(payloads: Payloads, execution_id: str, items: Iterable[Json]) -> StoredItems:
    """Store items page by page; only one page is held at a time.

    Raises:
        ObjectStoreUnavailable: The object store did not take a page.
    """
    firsts: list[int] = []
    pages: list[bytes] = []
    total = 0
    for page in _pages(items):
        firsts.append(total)
        pages.append(payloads.pack(execution_id, page))
        total += len(page)
    return StoredItems(index=msgpack.packb([firsts, pages]), total=total)


def stored_item(payloads: Payloads, index: bytes, position: int) -> Json:
    """The item at a position, counted from 0.

    Raises:
        NoSuchItem: There are not so many.
        ObjectStoreError: Its page cannot be read.
    """
    firsts, pages = msgpack.unpackb(index)
    number = bisect_right(firsts, position) - 1
    if number >= 0:
        page = payloads.unpack(pages[number])
        offset = position - firsts[number]
        if isinstance(page, list) and offset < len(page):
            item: Json = page[offset]
            return item
    raise NoSuchItem(position)


def _pages(items: Iterable[Json]) -> Iterator[list[Json]]:
    page: list[Json] = []
    size = 0
    for item in items:
        page.append(item)
        size += size_in_bytes(item)
        if len(page) == LONGEST_PAGE or size >= LARGEST_PAGE_BYTES:
            yield page
            page, size = [], 0
    if page:
        yield page
