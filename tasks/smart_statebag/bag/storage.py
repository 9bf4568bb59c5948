"""Reading and writing state objects: attempts, hashes, content addresses (Contract 3.3)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.smart_statebag.bag.cache import ObjectCache
from tasks.smart_statebag.bag.clock import Clock, SystemClock
from tasks.smart_statebag.bag.errors import (
    CorruptEnvelope,
    IntegrityError,
    PointerOutOfScope,
    StorageUnavailable,
)
from tasks.smart_statebag.bag.json_value import Json, decode, encode
from tasks.smart_statebag.bag.keys import Pointer, content_hash, parse_pointer
from tasks.smart_statebag.bag.object_store import ObjectStore, StoredObject, StoreFailure

ATTEMPTS = 3
FIRST_DELAY_SECONDS = 0.5
MAX_DELAY_SECONDS = 8.0
MD5_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An object that was written: its plain pointer, the hash and size of its bytes."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(slots=True)
class ReadCounts:
    """What one call of a function read: GET requests made, and reads served by the cache."""

    s3_gets: int = 0
    cache_hits: int = 0


class StateStorage:
    """The state bucket: verified JSON objects in an object store."""

    def __init__(
        self, store: ObjectStore, *, cache: ObjectCache | None = None, clock: Clock | None = None
    ) -> None:
        self._store = store
        self._clock = clock or SystemClock()
        self.cache = cache if cache is not None else ObjectCache(clock=self._clock)

    @property
    def bucket(self) -> str:
        """The bucket's name, as pointers spell it."""
        return self._store.bucket

    def pointer(self, key: str) -> str:
        """The plain pointer to a key of this bucket."""
        return str(Pointer(bucket=self.bucket, key=key))

    def read(
        self,
        path: str,
        *,
        max_retries: int = ATTEMPTS,
        expected_checksum: str | None = None,
        counts: ReadCounts | None = None,
    ) -> Json:
        """The value an object holds, read from the store.

        Args:
            path: Plain pointer.
            max_retries: Attempts in all.
            expected_checksum: Hexadecimal SHA-256 or MD5 of the bytes, checked beside the key's.
            counts: Where the GET requests are counted.

        Raises:
            StorageUnavailable: No attempt gave the object; a missing one counts as that.
            IntegrityError: The bytes do not have the hash they should have.
            CorruptEnvelope: The pointer is malformed, or the object is not JSON.
            PointerOutOfScope: The pointer names another bucket.
        """
        body = self._read_bytes(path, max_retries, expected_checksum, counts or ReadCounts())
        return _parse(path, body)

    def read_cached(
        self,
        path: str,
        *,
        max_retries: int = ATTEMPTS,
        expected_checksum: str | None = None,
        counts: ReadCounts | None = None,
    ) -> Json:
        """As ``read``, through the cache of this process. For v3 call sites only."""
        counts = counts or ReadCounts()
        body = self.cache.get(path)
        if body is None:
            body = self._read_bytes(path, max_retries, expected_checksum, counts)
            self.cache.put(path, body)
        else:
            verify(path, StoredObject(body=body), expected_checksum)
            counts.cache_hits += 1
        return _parse(path, body)

    def write(self, directory: str, value: Json) -> Written:
        """Write a value below a directory under its content's hash.

        Raises:
            StorageUnavailable: No attempt succeeded.
            NotSerialisable: The value is not JSON.
        """
        body = encode(value)
        digest = hashlib.sha256(body).hexdigest()
        return self._put(f"{directory}/{digest}.json", body, digest, metadata=None)

    def write_named(self, key: str, value: Json) -> Written:
        """Write a value under a fixed name, its hash in the metadata; raises as ``write``."""
        body = encode(value)
        digest = hashlib.sha256(body).hexdigest()
        return self._put(key, body, digest, metadata=digest)

    def list_pointers(self, prefix: str) -> Iterator[str]:
        """Plain pointers to the objects whose keys begin with a prefix, in ascending order."""
        for attempt in range(ATTEMPTS):
            try:
                keys = list(self._store.list_keys(prefix))
            except StoreFailure as failure:
                self._pause_or_give_up(self.pointer(prefix), failure.reason, attempt, ATTEMPTS)
            else:
                return (self.pointer(key) for key in keys)
        raise AssertionError("the last attempt returns or raises")

    def _read_bytes(
        self, path: str, max_retries: int, expected_checksum: str | None, counts: ReadCounts
    ) -> bytes:
        pointer = parse_pointer(path)
        if pointer.bucket != self.bucket:
            raise PointerOutOfScope(path, f"s3://{self.bucket}/")
        attempts = max(1, max_retries)
        for attempt in range(attempts):
            counts.s3_gets += 1
            try:
                found = self._store.get(pointer.key)
                verify(path, found, expected_checksum)
            except StoreFailure as failure:
                self._pause_or_give_up(path, failure.reason, attempt, attempts)
            except IntegrityError:
                if attempt + 1 >= attempts:
                    raise
                self._clock.sleep(_delay(attempt))
            else:
                return found.body
        raise AssertionError("the last attempt returns or raises")

    def _put(self, key: str, body: bytes, digest: str, *, metadata: str | None) -> Written:
        for attempt in range(ATTEMPTS):
            try:
                self._store.put(key, body, sha256=metadata)
                break
            except StoreFailure as failure:
                self._pause_or_give_up(self.pointer(key), failure.reason, attempt, ATTEMPTS)
        return Written(path=self.pointer(key), sha256=digest, size_bytes=len(body))

    def _pause_or_give_up(self, place: str, reason: str, attempt: int, attempts: int) -> None:
        if attempt + 1 >= attempts:
            raise StorageUnavailable(place, reason, attempts=attempts)
        self._clock.sleep(_delay(attempt))


def verify(path: str, found: StoredObject, expected_checksum: str | None = None) -> None:
    """Compare an object's bytes with the hash in its key, in its metadata, and the one expected.

    Raises:
        IntegrityError: One of them differs.
    """
    actual = hashlib.sha256(found.body).hexdigest()
    for expected in (content_hash(path), found.sha256):
        if expected and expected.lower() != actual:
            raise IntegrityError(path, expected=expected, actual=actual)
    if not expected_checksum:
        return
    if len(expected_checksum) == MD5_DIGITS:
        actual = hashlib.md5(found.body, usedforsecurity=False).hexdigest()
    if expected_checksum.lower() != actual:
        raise IntegrityError(path, expected=expected_checksum, actual=actual)


def _delay(attempt: int) -> float:
    return float(min(FIRST_DELAY_SECONDS * 2**attempt, MAX_DELAY_SECONDS))


def _parse(path: str, body: bytes) -> Json:
    try:
        return decode(body)
    except ValueError as error:
        raise CorruptEnvelope(path, f"the object is not JSON: {error}") from error
