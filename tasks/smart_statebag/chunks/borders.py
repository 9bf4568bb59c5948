"""Where a partition map may be cut into chunks (Contract 8.1). Pure."""

from collections.abc import Iterator, Sequence

from tasks.smart_statebag.bag.errors import UnsupportedTopology
from tasks.smart_statebag.workflow.partitioning.entries import Entry, conditions_of, whole

SMALLEST_CHUNK = 10


def size_of_chunks(total: int, *, chunk_size: int, max_chunks: int) -> int:
    """Segments of a chunk, at least one."""
    return max(1, min(chunk_size, max(SMALLEST_CHUNK, total // max(1, max_chunks))))


def serial_ranges(partition_map: Sequence[Entry], size: int) -> list[range]:
    """Consecutive ranges of one size; they run one after another.

    Raises:
        UnsupportedTopology: A back edge leads from one range into an earlier one.
    """
    total = len(partition_map)
    ranges = [range(start, min(start + size, total)) for start in range(0, total, size)]
    for place, entry in enumerate(partition_map):
        for target in _targets(entry):
            if target < place - place % size:
                reason = f"a loop back to segment {target} crosses the border of a chunk"
                raise UnsupportedTopology(f"segment {place}", reason)
    return ranges


def independent_ranges(partition_map: Sequence[Entry], size: int) -> list[range]:
    """Ranges whose borders fall between components, filled up to a size.

    A component that is larger is a range of its own.
    """
    ranges: list[range] = []
    for component in components(partition_map):
        last = ranges[-1] if ranges else range(0)
        if last and len(last) + len(component) <= size:
            ranges[-1] = range(last.start, component.stop)
        else:
            ranges.append(component)
    return ranges


def components(partition_map: Sequence[Entry]) -> Iterator[range]:
    """The connected parts of a map, as ranges: no segment depends on one of another part.

    Parts that overlap, as they may in a map from outside, count as one.
    """
    reach = list(range(len(partition_map)))
    for place, entry in enumerate(partition_map):
        for other in _bound_to(entry):
            earlier, later = min(place, other), max(place, other)
            reach[earlier] = max(reach[earlier], later)
    start = furthest = 0
    for place, furthest_here in enumerate(reach):
        if place > furthest:
            yield range(start, place)
            start = place
        furthest = max(furthest, furthest_here)
    if partition_map:
        yield range(start, len(partition_map))


def _bound_to(entry: Entry) -> Iterator[int]:
    """Segments in the same component; ``default_next`` also links one component to the next."""
    dependencies = entry.get("dependencies")
    for given in dependencies if isinstance(dependencies, list) else []:
        place = whole(given)
        if place is not None:
            yield place
    for condition in conditions_of(entry):
        place = whole(condition.get("next"))
        if place is not None:
            yield place


def _targets(entry: Entry) -> Iterator[int]:
    links = [entry.get("default_next"), *(each.get("next") for each in conditions_of(entry))]
    return (place for place in map(whole, links) if place is not None)
