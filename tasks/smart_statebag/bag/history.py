"""``state_history``: what makes entries equal, and how the list is kept short (Contract 4.4, 4.5).

A history is a list of entries with, possibly, one ``history_archive`` marker at index 0.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from itertools import accumulate

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.envelopes import history_archive, kind_of, s3_reference
from tasks.smart_statebag.bag.json_value import Json, JsonObject, encode_canonical
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, size_of

SLIMMABLE = ("content", "input", "output", "details")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits of the list.

    Attributes:
        max_bytes: Bytes of the list; the oldest entries above them are archived.
        max_entries: Entries of the list, None for no limit.
        keep_entries: Newest entries that stay when a list exceeds ``max_entries``.
    """

    max_bytes: int = FIELD_LIMIT
    max_entries: int | None = None
    keep_entries: int = 0


V3_BOUNDS = Bounds(max_entries=50, keep_entries=25)
LEGACY_BOUNDS = Bounds()
LEGACY_OVERFLOW_BOUNDS = Bounds(max_entries=30, keep_entries=30)
"""In force once the bag exceeds the payload limit."""


def entry_key(entry: Json) -> str:
    """The identity of an entry: its ``id``, else the hash of the whole entry."""
    if isinstance(entry, dict):
        own = entry.get("id")
        if isinstance(own, str) and own:
            return own
    return hashlib.sha256(encode_canonical(entry)).hexdigest()


def deduplicate(
    existing: list[Json], new: list[Json], archived_keys: Collection[str] = ()
) -> list[Json]:
    """Existing entries, then the new ones whose key is neither there nor archived nor repeated."""
    seen = set(archived_keys)
    seen.update(entry_key(entry) for entry in existing if kind_of(entry) != "history_archive")
    kept: list[Json] = []
    for entry in new:
        key = entry_key(entry)
        if key not in seen:
            seen.add(key)
            kept.append(entry)
    return existing + kept


def split_marker(history: list[Json]) -> tuple[JsonObject | None, list[Json]]:
    """The archive marker, if there is one, and the entries."""
    first = history[0] if history else None
    if isinstance(first, dict) and kind_of(first) == "history_archive":
        return first, history[1:]
    return None, list(history)


def merge_logs(history: list[Json], new: list[Json], access: BagAccess) -> list[Json]:
    """The history with new entries merged into it; without new ones the archive is not read."""
    if not new:
        return list(history)
    marker, _ = split_marker(history)
    archived = access.hydrator.archived_keys(marker) if marker else []
    return deduplicate(history, new, archived)


def bounded(history: list[Json], bounds: Bounds, access: BagAccess) -> list[Json]:
    """The history within its bounds: large entries slimmed, surplus ones archived."""
    marker, entries = split_marker(history)
    entries = [slimmed(entry, access) for entry in entries]
    surplus = count_surplus(entries, bounds)
    if surplus:
        marker = _archive(marker, entries[:surplus], access)
    head: list[Json] = [marker] if marker else []
    return head + entries[surplus:]


def count_surplus(entries: list[Json], bounds: Bounds) -> int:
    """How many of the oldest entries exceed the bounds; the marker does not count."""
    surplus = 0
    if bounds.max_entries is not None and len(entries) > bounds.max_entries:
        surplus = len(entries) - bounds.keep_entries
    # Bytes of the list that holds the newest 0, 1, 2 ... entries: brackets, entries, commas.
    sizes = accumulate((size_of(entry) + 1 for entry in reversed(entries)), initial=1)
    fitting = sum(1 for size in sizes if size <= bounds.max_bytes) - 1
    return max(surplus, len(entries) - max(fitting, 0))


def slimmed(entry: Json, access: BagAccess) -> Json:
    """An entry above 30 KB with its large parts offloaded, largest first."""
    if not isinstance(entry, dict) or size_of(entry) <= FIELD_LIMIT:
        return entry
    # Slimming changes the hash, so the original key becomes the id that identifies a repetition.
    slim = {**entry, "id": entry_key(entry)}
    present = [name for name in SLIMMABLE if slim.get(name) is not None and not kind_of(slim[name])]
    for name in sorted(present, key=lambda name: size_of(slim[name]), reverse=True):
        if size_of(slim) <= FIELD_LIMIT:
            break
        written = access.write(access.keys.field(name), slim[name])
        slim[name] = s3_reference(written, stored_at=access.now_iso())
    return slim


def _archive(marker: JsonObject | None, surplus: list[Json], access: BagAccess) -> JsonObject:
    known = access.hydrator.archived_keys(marker) if marker else []
    before = marker.get("entry_count") if marker else 0
    previous = marker.get("s3_path") if marker else None
    keys: list[Json] = list(dict.fromkeys([*known, *map(entry_key, surplus)]))
    written = access.write(
        access.keys.history(),
        {"entries": surplus, "previous_s3_path": previous, "keys": keys},
    )
    return history_archive(
        written,
        entry_count=(before if isinstance(before, int) else 0) + len(surplus),
        previous_s3_path=previous if isinstance(previous, str) else None,
        archived_at=access.now_iso(),
    )
