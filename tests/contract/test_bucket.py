"""What every bucket does, in S3 and in a directory."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.buckets.bucket import Bucket, BucketError, open_bucket

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
