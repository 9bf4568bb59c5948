"""Bags, and stores of them, that tests share."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.cache import ObjectCache
from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.object_store import ObjectStore, StoredObject, StoreFailure
from tasks.smart_statebag.bag.storage import StateStorage
from tests.clocks import FakeClock

BUCKET = "states"
ARN = "arn:aws:states:us-east-1:123456789012:execution:flow:run-1"
PREFIX = f"workflow-states/owner-1/flow-1/run-1.{hashlib.sha256(ARN.encode()).hexdigest()[:8]}"


class FailingStore:
    """An object store whose next requests fail, as many of each kind as it is told."""

    def __init__(self, inner: ObjectStore, *, gets: int = 0, puts: int = 0, lists: int = 0) -> None:
        self.bucket = inner.bucket
        self.left = {"get": gets, "put": puts, "list": lists}
        self.requests: list[tuple[str, str]] = []
        self._inner = inner

    def get(self, key: str) -> StoredObject:
        self._fail("get", key)
        return self._inner.get(key)

    def put(self, key: str, body: bytes, *, sha256: str | None = None) -> None:
        self._fail("put", key)
        self._inner.put(key, body, sha256=sha256)

    def list_keys(self, prefix: str) -> Iterator[str]:
        self._fail("list", prefix)
        return self._inner.list_keys(prefix)

    def _fail(self, request: str, key: str) -> None:
        self.requests.append((request, key))
        if self.left[request] > 0:
            self.left[request] -= 1
            raise StoreFailure("503 SlowDown")


def directory_storage(
    path: Path, clock: FakeClock | None = None, *, cache_entries: int = 20
) -> StateStorage:
    clock = clock or FakeClock()
    cache = ObjectCache(max_entries=cache_entries, clock=clock)
    return StateStorage(DirectoryStore(path, BUCKET), cache=cache, clock=clock)


def access_to(
    bag: JsonObject, storage: StateStorage, *, clock: FakeClock | None = None, cached: bool = False
) -> BagAccess:
    return BagAccess(bag, lambda: storage, clock=clock or FakeClock(), cached=cached)


def identity() -> JsonObject:
    """The fields that every bag has to have before anything can be written for it."""
    return {"ownerId": "owner-1", "workflowId": "flow-1", "execution_id": ARN}


def entry(number: int, text: str = "") -> JsonObject:
    return {"id": f"entry-{number}", "type": "log", "content": text}


def numbers_of(entries: list[Json]) -> list[str]:
    return [str(item["id"]) for item in entries if isinstance(item, dict)]
