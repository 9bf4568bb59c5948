"""``deduplicate_history_logs`` with the archive it needs (Contract 4.4)."""

from tasks.smart_statebag.bag.envelopes import pointer_in
from tasks.smart_statebag.bag.errors import CorruptEnvelope
from tasks.smart_statebag.bag.history import deduplicate, split_marker
from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.bag.state_bucket import cached_load_from_s3


def deduplicate_history_logs(existing: list[Json], new: list[Json]) -> list[Json]:
    """Existing entries, then the new ones that are neither there nor archived nor repeated."""
    marker, _ = split_marker(existing)
    if marker is None or not new:
        return deduplicate(existing, new)
    path = pointer_in("history_archive", marker)
    archive = cached_load_from_s3(path)
    keys = archive.get("keys") if isinstance(archive, dict) else None
    if not isinstance(keys, list):
        raise CorruptEnvelope("history_archive", f"{path} has no list of keys")
    return deduplicate(existing, new, [str(key) for key in keys])
