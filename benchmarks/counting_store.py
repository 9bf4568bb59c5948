"""The state bucket as a directory that counts the GET requests it would have been asked."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from tasks.smart_statebag.bag import state_bucket
from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.object_store import StoredObject


class CountingStore(DirectoryStore):
    """A bucket in a directory that counts its GET requests, from any thread."""

    def __init__(self, root: Path, bucket: str) -> None:
        super().__init__(root, bucket)
        self._numbers = itertools.count()
        self._taken = 0

    def get(self, key: str) -> StoredObject:
        next(self._numbers)  # one bytecode of C, so no request of two threads is counted as one
        return super().get(key)

    def take_count(self) -> int:
        """The requests since the last question."""
        gets = next(self._numbers) - self._taken
        self._taken += gets + 1  # the question took a number of its own
        return gets


@contextmanager
def counting_bucket(root: Path, bucket: str) -> Iterator[CountingStore]:
    """Let all functions of this process use a counting bucket for as long as the block lasts."""
    store = CountingStore(root, bucket)
    with patch.object(state_bucket, "open_store", lambda *_: store):
        yield store
