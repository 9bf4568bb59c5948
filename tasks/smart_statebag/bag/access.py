"""Reading and writing on behalf of one bag during one call of a function."""

from collections.abc import Callable
from functools import cached_property

from tasks.smart_statebag.bag.clock import Clock, iso_utc
from tasks.smart_statebag.bag.hydrator import Hydrator
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import ExecutionKeys, keys_of
from tasks.smart_statebag.bag.storage import ReadCounts, StateStorage, Written


class BagAccess:
    """A bag's keys, its hydrator and the clock.

    Storage and keys are looked up at their first use: a call that neither reads nor writes needs
    no bucket, and a bag without an owner only fails when a key must be made for it.
    """

    def __init__(
        self,
        bag: JsonObject,
        storage: Callable[[], StateStorage],
        *,
        clock: Clock,
        cached: bool,
        counts: ReadCounts | None = None,
    ) -> None:
        self._bag = bag
        self._open_storage = storage
        self._cached = cached
        self.clock = clock
        self.counts = counts if counts is not None else ReadCounts()

    @cached_property
    def storage(self) -> StateStorage:
        """The state bucket."""
        return self._open_storage()

    @cached_property
    def keys(self) -> ExecutionKeys:
        """The keys of the bag's execution."""
        return keys_of(self._bag)

    @cached_property
    def hydrator(self) -> Hydrator:
        """Follows the bag's pointers."""
        return Hydrator(self._bag, self.storage, cached=self._cached, counts=self.counts)

    def write(self, directory: str, value: Json) -> Written:
        """Write a value under its content's hash."""
        return self.storage.write(directory, value)

    def now_iso(self) -> str:
        """The value of a ``*_at`` field written now."""
        return iso_utc(self.clock.now())
