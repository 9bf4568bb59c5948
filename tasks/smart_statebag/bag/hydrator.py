"""The only code that follows pointers (Contract 3.1)."""

from collections.abc import Callable
from typing import Protocol

from tasks.smart_statebag.bag.envelopes import Kind, checksum_in, decompress, kind_of, pointer_in
from tasks.smart_statebag.bag.errors import CorruptEnvelope, InvalidInput, PointerOutOfScope
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import ROOT, encode_part, keys_of, parse_pointer
from tasks.smart_statebag.bag.state_bucket import state_storage
from tasks.smart_statebag.bag.storage import ReadCounts, StateStorage

MAX_DEPTH = 8


class Read(Protocol):
    """Reads the value at a plain pointer, with or without the cache."""

    def __call__(
        self, path: str, /, *, expected_checksum: str | None = None, counts: ReadCounts
    ) -> Json: ...


class Hydrator:
    """Follows the pointers of one bag, within the prefix of its owner, and counts the reads."""

    def __init__(
        self,
        bag: JsonObject,
        storage: StateStorage,
        *,
        cached: bool,
        counts: ReadCounts | None = None,
    ) -> None:
        self._bag = bag
        self._bucket = storage.bucket
        self._read: Read = storage.read_cached if cached else storage.read
        self._storage = storage
        self.counts = counts if counts is not None else ReadCounts()

    def load(self, pointer: Json, *, expected_checksum: str | None = None) -> Json:
        """The value a plain pointer leads to, as it is stored.

        Raises:
            PointerOutOfScope: It leads out of the state bucket or of the owner's prefix.
            CorruptEnvelope: It is not a pointer.
        """
        path = self.in_scope(pointer)
        return self._read(path, expected_checksum=expected_checksum, counts=self.counts)

    def load_afresh(self, pointer: Json) -> Json:
        """As ``load``, never from the cache: for objects with fixed names, which may change."""
        return self._storage.read(self.in_scope(pointer), counts=self.counts)

    def load_object(self, pointer: Json) -> JsonObject:
        """A document that must be an object, such as a state."""
        value = self.load(pointer)
        if not isinstance(value, dict):
            raise CorruptEnvelope(str(pointer), "the document is not an object")
        return value

    def load_list(self, pointer: Json) -> list[Json]:
        """A document that must be a list, such as logs or a partition map."""
        value = self.load(pointer)
        if not isinstance(value, list):
            raise CorruptEnvelope(str(pointer), "the document is not a list")
        return value

    def load_whole(self, pointer: Json) -> Json:
        """The value a plain pointer leads to, with the envelopes nested in it opened."""
        return self._nested(self.load(pointer), 1)

    def hydrate(self, value: Json) -> Json:
        """The complete value behind an envelope, and behind those nested in it.

        A malformed envelope at the top is an error, since the caller expects one there. Nested
        values are user data: they are envelopes only if their pointers lie below the execution's
        prefix. A text is always data; ``load`` reads a field that holds a plain pointer.
        """
        kind = kind_of(value)
        if kind is None or not isinstance(value, dict):
            return self._nested(value, 0)
        return self._nested(OPENERS[kind](self, value), 1)

    def history(self) -> list[Json]:
        """The bag's complete history: the archives in the order of the chain, then the list."""
        entries = self._bag.get("state_history")
        if kind_of(entries) is not None:
            entries = self.hydrate(entries)
        if not isinstance(entries, list):
            return []
        if entries and kind_of(entries[0]) == "history_archive" and isinstance(entries[0], dict):
            return self.archived_entries(entries[0]) + entries[1:]
        return list(entries)

    def archived_entries(self, marker: JsonObject) -> list[Json]:
        """All entries behind a ``history_archive`` marker, oldest first."""
        chain: list[list[Json]] = []
        seen: set[str] = set()
        path: Json = pointer_in("history_archive", marker)
        while path is not None:
            if str(path) in seen:
                raise CorruptEnvelope("history_archive", f"the chain returns to {path}")
            seen.add(str(path))
            archive = self.load_object(path)
            entries = archive.get("entries")
            if not isinstance(entries, list):
                raise CorruptEnvelope("history_archive", f"{path} has no list of entries")
            chain.append(entries)
            path = archive.get("previous_s3_path")
        return [entry for entries in reversed(chain) for entry in entries]

    def archived_keys(self, marker: JsonObject) -> list[str]:
        """Dedupe keys of every entry archived so far, which the newest archive lists."""
        path = pointer_in("history_archive", marker)
        keys = self.load_object(path).get("keys")
        if not isinstance(keys, list):
            raise CorruptEnvelope("history_archive", f"{path} has no list of keys")
        return [str(key) for key in keys]

    def in_scope(self, pointer: Json) -> str:
        """The pointer, if it lies in the state bucket below the prefix of the bag's owner.

        Raises:
            PointerOutOfScope: It does not.
        """
        path = parse_pointer(pointer)
        owner = self._bag.get("ownerId")
        if not isinstance(owner, str) or not owner:
            raise InvalidInput("ownerId")
        scope = f"{ROOT}/{encode_part(owner)}/"
        if path.bucket != self._bucket or not path.key.startswith(scope):
            raise PointerOutOfScope(str(path), f"s3://{self._bucket}/{scope}")
        return str(path)

    def _nested(self, value: Json, depth: int) -> Json:
        if isinstance(value, list):
            return [self._nested(element, depth) for element in value]
        if not isinstance(value, dict):
            return value
        kind = kind_of(value)
        if kind is not None and self._is_ours(kind, value):
            if depth >= MAX_DEPTH:
                raise CorruptEnvelope(kind, f"nested deeper than {MAX_DEPTH}")
            return self._nested(OPENERS[kind](self, value), depth + 1)
        return {key: self._nested(child, depth) for key, child in value.items()}

    def _is_ours(self, kind: Kind, envelope: JsonObject) -> bool:
        if kind == "compressed":
            return False  # without a pointer it cannot be distinguished from user data
        pointer = envelope.get("__s3_path" if kind == "wrapper" else "s3_path")
        prefix = f"s3://{self._bucket}/{keys_of(self._bag).prefix}/"
        return isinstance(pointer, str) and pointer.startswith(prefix)

    def _open_pointer(self, kind: Kind, envelope: JsonObject) -> Json:
        return self.load(pointer_in(kind, envelope), expected_checksum=checksum_in(kind, envelope))


OPENERS: dict[Kind, Callable[[Hydrator, JsonObject], Json]] = {
    "s3_reference": lambda hydrator, envelope: hydrator._open_pointer("s3_reference", envelope),
    "wrapper": lambda hydrator, envelope: hydrator._open_pointer("wrapper", envelope),
    "history_archive": Hydrator.archived_entries,
    "compressed": lambda _, envelope: decompress(envelope["data"]),
}
"""How each kind of envelope is opened, one level."""


def hydrate_history(bag: JsonObject, storage: StateStorage | None = None) -> list[Json]:
    """A bag's complete history: the archives in the order of the chain, then the list."""
    return Hydrator(bag, storage or state_storage(), cached=False).history()
