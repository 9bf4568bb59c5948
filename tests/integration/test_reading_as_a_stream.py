"""Reading the items of a map run takes memory for a page of them, however many there are."""

import itertools
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.executor.item_pages import MAX_PAGE, MAX_PAGE_BYTES, store_items
from pipeline.interpreter.item import Item
from pipeline.language.map_run_plan import ItemSource
from pipeline.language.states.item_reader import GET_OBJECT, LIST_OBJECTS
from pipeline.map_runs.item_readers.reading import read_items
from pipeline.payloads.cache import MAX_ENTRIES
from pipeline.payloads.directory import DirectoryStore
from pipeline.payloads.offload import Payloads

LINES = 30_000
RECORD = json.dumps({"order": 123456, "customer": "customer 17", "text": "x" * 60})
FILE_BYTES = LINES * len(RECORD)
MAX_BYTES = 800_000
"""Several times what a reader needs, and a fraction of the file."""


def json_lines(count: int) -> Iterator[str]:
    return itertools.repeat(f"{RECORD}\n", count)


def json_array(count: int) -> Iterator[str]:
    yield f"[{RECORD}"
    yield from itertools.repeat(f",{RECORD}", count - 1)
    yield "]"


def json_object(count: int) -> Iterator[str]:
    yield f'{{"data": [{RECORD}'
    yield from itertools.repeat(f",{RECORD}", count - 1)
    yield '], "more": 1}'


def csv(count: int) -> Iterator[str]:
    yield "a,b\n"
    yield from itertools.repeat(f"{'x' * 60},{'y' * 40}\n", count)


def source(input_type: str, **config: str) -> ItemSource:
    arguments = {"Bucket": "items", "Key": "file"}
    return ItemSource(
        resource=GET_OBJECT,
        arguments=dict(arguments),
        max_items=10**8,
        input_type=input_type,
        **config,  # type: ignore[arg-type]  # only texts are given here
    )


def write(directory: Path, content: Iterator[str]) -> None:
    (directory / "items").mkdir()
    with (directory / "items" / "file").open("w") as file:
        file.writelines(content)


def most_bytes_while(act: Callable[[], object]) -> int:
    """The most memory that Python held at a time for what was done."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (json_lines, source("JSONL")),
        (json_array, source("JSON")),
        (json_object, source("JSON", items_pointer="/data")),
        (csv, source("CSV")),
    ],
)
def test_a_file_is_never_held_as_a_whole(
    tmp_path: Path, content: Callable[[int], Iterator[str]], read: ItemSource
) -> None:
    write(tmp_path, content(LINES))
    counted = 0

    def count() -> None:
        nonlocal counted
        counted = sum(1 for _ in read_items(read, tmp_path))

    next(read_items(read, tmp_path))  # what the first time imports and caches does not count
    assert most_bytes_while(count) < MAX_BYTES < FILE_BYTES / 4
    assert counted == LINES


def test_a_listing_is_never_held_as_a_whole(tmp_path: Path) -> None:
    for number in range(80):
        directory = tmp_path / "items" / str(number)
        directory.mkdir(parents=True)
        for name in range(50):
            (directory / f"{name:0200}").touch()
    listing = ItemSource(resource=LIST_OBJECTS, arguments={"Bucket": "items"}, max_items=10**8)
    count = 0

    def read() -> None:
        nonlocal count
        count = sum(1 for _ in read_items(listing, tmp_path))

    next(read_items(listing, tmp_path))
    assert most_bytes_while(read) < MAX_BYTES
    assert count == 4000


def test_storing_holds_no_more_than_the_pages_that_are_cached(tmp_path: Path) -> None:
    payloads = Payloads(store=DirectoryStore(tmp_path), threshold_bytes=1000)
    record = {"text": "x" * 100}
    pages = 3 * MAX_ENTRIES

    def store() -> None:
        items = (Item(value={**record, "n": n}) for n in range(pages * MAX_PAGE))
        assert len(store_items(payloads, "e", items).pages) >= pages

    store_items(payloads, "e", [Item(value=record)])
    assert most_bytes_while(store) < 6 * MAX_ENTRIES * MAX_PAGE_BYTES


READ_A_MILLION = """
import resource, sys
from pathlib import Path
from pipeline.executor.item_pages import store_items
from pipeline.map_runs.item_readers.reading import read_items
from pipeline.language.outcomes import ItemSource
from pipeline.payloads.directory import DirectoryStore
from pipeline.payloads.offload import Payloads

directory = Path(sys.argv[1])
source = ItemSource(
    resource="arn:aws:states:::s3:getObject",
    arguments={"Bucket": "items", "Key": "file"},
    max_items=10**8,
    input_type="JSONL",
)
payloads = Payloads(store=DirectoryStore(directory / "objects"), threshold_bytes=32768)
stored = store_items(payloads, "e", read_items(source, directory))
print(stored.total, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.mark.slow
def test_a_million_lines_stay_far_below_300_megabytes(tmp_path: Path) -> None:
    write(tmp_path, json_lines(1_000_000))
    command = [sys.executable, "-c", READ_A_MILLION, str(tmp_path)]
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    total, resident = map(int, output.split())
    assert total == 1_000_000
    assert resident < 150_000_000
