"""The items of the strategy Maps on standard machines (Contract 6.4)."""

from collections.abc import Sequence

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.partitioning import Entry


def segment_manifest(partition_map: Sequence[Entry]) -> list[JsonObject]:
    """One item per entry, the entry itself in ``segment_config``."""
    return [
        {
            "segment_id": index,
            "execution_order": index,
            "type": entry["type"],
            "dependencies": entry["dependencies"],
            "level": entry["level"],
            "segment_config": entry,
        }
        for index, entry in enumerate(partition_map)
    ]


def slimmed(manifest: Sequence[JsonObject]) -> list[Json]:
    """The inline form of a large manifest: only the stored one holds the entries."""
    return [{**item, "segment_config": None} for item in manifest]
