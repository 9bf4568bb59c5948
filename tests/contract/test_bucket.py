"""What every bucket does, in S3 and in a directory."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.map_runs.buckets.bucket import Bucket, BucketError
from pipeline.map_runs.buckets.directory import DirectoryBucket
from pipeline.map_runs.buckets.opening import open_bucket

Open = Callable[[str | None], Bucket]


@pytest.fixture(params=["directory", "s3"])
def open_named(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the bucket of that name; with None, one that is there."""
    if request.param == "directory":
        (tmp_path / "there").mkdir()
        return lambda name: open_bucket(name or "there", tmp_path)
    there: str = request.getfixturevalue("s3_bucket")
    return lambda name: open_bucket(name or there, None)


def test_an_object_is_read_as_it_was_written(open_named: Open) -> None:
    bucket = open_named(None)
    bucket.put("a/b/c.json", b"[1]")
    bucket.put("a/b/c.json", b"[1, 2]")
    assert open_named(None).get("a/b/c.json") == b"[1, 2]"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (None, ("The specified key does not exist.", "Status Code: 404", "NoSuchKey")),
        ("gone", ("The specified bucket does not exist", "Status Code: 404", "NoSuchBucket")),
    ],
)
def test_what_is_missing_is_refused_in_the_words_of_s3(
    open_named: Open, name: str | None, words: tuple[str, ...]
) -> None:
    with pytest.raises(BucketError) as refused:
        open_named(name).get("nothing.json")
    assert all(word in refused.value.message for word in ("Service: Amazon S3", *words))


def test_a_key_cannot_leave_its_bucket(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"no")
    with pytest.raises(BucketError):
        open_bucket("there", tmp_path).get("../secret")
    with pytest.raises(BucketError):
        open_bucket("..", tmp_path)


def test_a_server_that_does_not_answer_is_an_error_of_the_bucket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(BucketError, match=r"127\.0\.0\.1:9"):
        open_bucket("any", None).get("key")


def test_an_object_is_read_as_a_stream(open_named: Open) -> None:
    bucket = open_named(None)
    bucket.put("key", b"one\ntwo\n" * 1000)
    with bucket.open("key") as stream:
        assert stream.readline() == b"one\n"
        assert stream.peek(3)[:3] == b"two"
        assert stream.read() == (b"two\n" + b"one\ntwo\n" * 999)


def test_a_long_file_is_stored_as_it_is(open_named: Open, tmp_path: Path) -> None:
    file = tmp_path / "long"
    content = bytes(range(256)) * (80 * 1024)  # longer than one part of an upload
    file.write_bytes(content)
    with file.open("rb") as long:
        long.seek(5)
        open_named(None).put_file("long", long)
    assert open_named(None).get("long") == content


def test_objects_are_listed_in_the_order_of_their_keys_bytes(open_named: Open) -> None:
    keys = ["a-b", "a/b", "a/b/c", "ab", "z", "é", "\U0001f600"]
    bucket = open_named(None)
    for key in keys:
        if key != "a/b" or not is_directory(bucket):  # there it could not be beside a/b/c
            bucket.put(key, key.encode())
    listed = {found.key: found.size for found in bucket.objects("")}
    expected = {key: len(key.encode()) for key in keys if key in listed}
    assert list(listed.items()) == list(expected.items())
    assert len(listed) >= len(keys) - 1
    assert [found.key for found in bucket.objects("a/")] == [k for k in listed if k[:2] == "a/"]


def test_a_bucket_that_is_not_there_is_not_listed(open_named: Open) -> None:
    with pytest.raises(BucketError, match="NoSuchBucket"):
        list(open_named("gone").objects(""))


def is_directory(bucket: Bucket) -> bool:
    return isinstance(bucket, DirectoryBucket)
