"""The code of stored functions: which zips are taken, and how they are unpacked."""

import io
import os
import stat
import threading
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.integrations.functions import lambda_code
from pipeline.integrations.functions.lambda_code import FunctionCode, UnusableCode, check_zip
from pipeline.payloads.directory import DirectoryStore
from pipeline.payloads.object_store import ObjectCorrupt, ObjectMissing
from tests.zips import zip_of

UNREADABLE = "Could not unzip uploaded file. Please check your file, then try to upload again."


@pytest.fixture
def code(tmp_path: Path) -> FunctionCode:
    return FunctionCode(DirectoryStore(tmp_path / "objects"), tmp_path / "functions")


def entry(name: str, mode: int, content: str = "x") -> bytes:
    """A zip of one entry with a file mode."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, content)
    return data.getvalue()


def test_a_zip_is_unpacked_as_it_was_packed(code: FunctionCode) -> None:
    sha256 = code.keep(zip_of({"index.py": "a = 1", "package/module.py": "b = 2"}))
    directory = code.unpacked(sha256)
    assert (directory / "index.py").read_text() == "a = 1"
    assert (directory / "package" / "module.py").read_text() == "b = 2"
    assert code.unpacked(sha256) == directory


def test_an_executable_file_stays_executable(code: FunctionCode) -> None:
    directory = code.unpacked(code.keep(entry("tool", stat.S_IFREG | 0o555)))
    assert os.access(directory / "tool", os.X_OK)


def test_processes_that_unpack_the_same_code_at_once_all_find_it_whole(
    code: FunctionCode, tmp_path: Path
) -> None:
    sha256 = code.keep(zip_of({f"module{number}.py": "x" * 1000 for number in range(50)}))
    counts: list[int] = []

    def unpack() -> None:
        counts.append(len(list(code.unpacked(sha256).iterdir())))

    threads = [threading.Thread(target=unpack) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [50] * 8
    assert [path.name for path in (tmp_path / "functions").iterdir()] == [sha256]


def test_code_that_is_not_in_the_store_leaves_nothing_behind(
    code: FunctionCode, tmp_path: Path
) -> None:
    with pytest.raises(ObjectMissing):
        code.unpacked("0" * 64)
    assert list((tmp_path / "functions").iterdir()) == []


def test_code_that_was_changed_in_the_store_is_not_unpacked(
    code: FunctionCode, tmp_path: Path
) -> None:
    sha256 = code.keep(zip_of("a = 1"))
    (tmp_path / "objects" / "functions" / f"{sha256}.zip").write_bytes(zip_of("a = 2"))
    with pytest.raises(ObjectCorrupt):
        code.unpacked(sha256)


def long_ago(directory: Path) -> None:
    """Let a directory have been used last when its code was not deleted yet."""
    at = time.time() - lambda_code.KEPT_SECONDS - 1
    os.utime(directory, (at, at))


def test_deleted_code_is_removed_from_a_host_that_unpacks_other_code(
    code: FunctionCode, tmp_path: Path
) -> None:
    deleted, kept, fresh = (code.keep(zip_of(f"a = {number}")) for number in range(3))
    for sha256 in (deleted, kept, fresh):
        code.unpacked(sha256)
    for sha256 in (deleted, kept):
        long_ago(tmp_path / "functions" / sha256)
    for sha256 in (deleted, fresh):
        code.delete(sha256)
    new = code.unpacked(code.keep(zip_of("b = 1")))
    found = {path.name for path in (tmp_path / "functions").iterdir()}
    assert found == {kept, fresh, new.name}


def test_code_that_is_taken_again_counts_as_used(code: FunctionCode, tmp_path: Path) -> None:
    sha256 = code.keep(zip_of("a = 1"))
    long_ago(code.unpacked(sha256))
    code.unpacked(sha256)
    code.delete(sha256)
    code.unpacked(code.keep(zip_of("b = 1")))
    assert (tmp_path / "functions" / sha256 / "index.py").read_text() == "a = 1"


@pytest.mark.parametrize(
    "data",
    [
        b"no zip",
        zip_of("a = 1")[:-10],
        zip_of({"../outside.py": ""}),
        zip_of({"package/../../outside.py": ""}),
        zip_of({"/etc/outside.py": ""}),
        zip_of({"..\\outside.py": ""}),
        entry("link", stat.S_IFLNK | 0o777, "/etc/passwd"),
    ],
    ids=["text", "cut off", "parent", "walk", "absolute", "backslash", "link"],
)
def test_a_zip_that_cannot_be_unpacked_safely_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableCode) as caught:
        check_zip(data)
    assert str(caught.value) == UNREADABLE


def test_an_empty_zip_is_refused() -> None:
    with pytest.raises(UnusableCode, match="non-empty zip"):
        check_zip(zip_of({}))


def test_a_zip_bomb_is_refused_by_the_sizes_that_it_declares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lambda_code, "MAX_CODE", 1000)
    check_zip(zip_of({"a.py": "x" * 500, "b.py": "x" * 500}))
    with pytest.raises(UnusableCode, match="Unzipped size must be smaller than"):
        check_zip(zip_of({"a.py": "x" * 500, "b.py": "x" * 501}))


def test_a_zip_of_very_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_code, "MAX_FILES", 2)
    with pytest.raises(UnusableCode):
        check_zip(zip_of({f"{number}.py": "" for number in range(3)}))


@settings(max_examples=200, deadline=None)
@given(places=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_zip_is_taken_or_refused_but_never_breaks_anything(
    places: list[tuple[int, int]],
) -> None:
    data = bytearray(zip_of({"index.py": "a = 1\n" * 20, "package/module.py": "b = 2"}))
    for place, value in places:
        data[place % len(data)] = value
    with suppress(UnusableCode):
        check_zip(bytes(data))
