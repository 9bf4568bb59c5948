"""What the directory store does when the file system fails half-way."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.payloads.object_store import ObjectStoreUnavailable
from pipeline.payloads.opening import open_object_store


def files_below(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond 1000 bytes, as if the disk were full.

    For the shortest time, because whatever else writes here (pytest to a log, say) would fail too.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_neither_half_an_object_nor_a_rest(tmp_path: Path) -> None:
    store = open_object_store(str(tmp_path))
    store.put("a/b", b"small")
    with full_disk(), pytest.raises(ObjectStoreUnavailable, match="File too large"):
        store.put("a/b", b"." * 5000)
    assert store.get("a/b") == b"small"
    assert files_below(tmp_path) == ["a/b"]


def test_an_object_that_cannot_take_its_place_leaves_no_rest(tmp_path: Path) -> None:
    store = open_object_store(str(tmp_path))
    store.put("a/b", b"data")
    with pytest.raises(ObjectStoreUnavailable, match="Is a directory"):
        store.put("a", b"data")
    assert files_below(tmp_path) == ["a/b"]


def test_what_a_killed_writer_left_is_not_an_object(tmp_path: Path) -> None:
    store = open_object_store(str(tmp_path))
    (tmp_path / ".partial" / "rest").write_bytes(b"half")
    assert list(store.keys("")) == []
