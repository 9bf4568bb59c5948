"""Cutting a map into chunks (Contract 8.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.smart_statebag.bag.errors import InvalidInput, UnsupportedTopology
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.chunks.borders import (
    components,
    independent_ranges,
    serial_ranges,
    size_of_chunks,
)
from tasks.smart_statebag.chunks.chunk import read_chunk
from tests.clocks import FakeClock
from tests.unit.smart_statebag.distributed.desk import ChunkDesk, open_desk
from tests.unit.smart_statebag.distributed.workflows import chained, unconnected


def entry(place: int, *dependencies: int, back: int | None = None) -> JsonObject:
    conditions: list[Json] = [] if back is None else [{"condition": "again", "next": back}]
    return {
        "id": place,
        "dependencies": list(dependencies),
        "default_next": place + 1,
        "conditions": conditions,
    }


@pytest.fixture
def desk(storage: StateStorage, clock: FakeClock) -> ChunkDesk:
    return open_desk(unconnected(25), storage, clock)


def test_every_key_of_the_answer_is_there(desk: ChunkDesk) -> None:
    answer, _ = desk.prepare()

    keys = keys_of(desk.bag)
    assert str(answer.pop("chunks_key")).startswith(f"{keys.prefix}/chunks/")
    assert answer == {
        "chunks_bucket": "states",
        "total_chunks": 3,
        "chunk_size": 10,
        "original_segments": 25,
        "use_s3_reader": True,
        "result_prefix": f"{keys.prefix}/chunk-results",
        "result_writer_prefix": f"{keys.prefix}/map-results",
    }


def test_the_list_holds_an_item_for_each_chunk(desk: ChunkDesk) -> None:
    _, items = desk.prepare()

    assert items[2] == {
        "chunk_id": "chunk_0002",
        "chunk_index": 2,
        "execution_order": 2,
        "total_chunks": 3,
        "start_segment": 20,
        "end_segment": 24,
        "segment_count": 5,
        "idempotency_key": "key-1#chunk#0002",
        "owner_id": "owner-1",
        "workflow_id": "flow-1",
    }


def test_an_item_gives_its_chunk_back(desk: ChunkDesk) -> None:
    _, items = desk.prepare()

    assert read_chunk(items[1]).item("owner-1", "flow-1") == items[1]


@pytest.mark.parametrize(
    ("total", "chunk_size", "max_chunks", "size"),
    [
        (1000, 100, 100, 10),
        (310, 100, 100, 10),
        (5000, 100, 100, 50),
        (50_000, 100, 100, 100),
        (9, 3, 1, 3),
    ],
)
def test_the_size_of_chunks(total: int, chunk_size: int, max_chunks: int, size: int) -> None:
    assert size_of_chunks(total, chunk_size=chunk_size, max_chunks=max_chunks) == size


def test_310_dependent_segments_are_one_independent_chunk() -> None:
    partition_map = [entry(place, *([place - 1] if place else [])) for place in range(310)]

    assert independent_ranges(partition_map, 10) == [range(310)]


def test_independent_chunks_hold_whole_components() -> None:
    partition_map = [entry(0), entry(1, 0), entry(2), entry(3), entry(4, 3), entry(5, 4)]

    assert independent_ranges(partition_map, 3) == [range(3), range(3, 6)]


def test_a_component_larger_than_a_chunk_is_a_chunk_of_its_own() -> None:
    partition_map = [entry(0), entry(1), entry(2, 1), entry(3, 2), entry(4)]

    assert independent_ranges(partition_map, 2) == [range(1), range(1, 4), range(4, 5)]


def test_a_back_edge_holds_its_component_together() -> None:
    partition_map = [entry(0), entry(1), entry(2, back=1), entry(3)]

    assert list(components(partition_map)) == [range(1), range(1, 3), range(3, 4)]


def test_a_loop_within_a_serial_chunk_is_allowed(storage: StateStorage, clock: FakeClock) -> None:
    desk = open_desk(chained(4, back=(3, 2)), storage, clock)

    answer, _ = desk.prepare(chunk_size=2)

    assert answer["total_chunks"] == 2


def test_a_loop_across_the_border_of_serial_chunks_is_refused(
    storage: StateStorage, clock: FakeClock
) -> None:
    desk = open_desk(chained(4, back=(2, 1)), storage, clock)

    with pytest.raises(UnsupportedTopology, match="segment 2"):
        desk.prepare(chunk_size=2)


def test_independent_chunks_may_hold_any_loop(storage: StateStorage, clock: FakeClock) -> None:
    desk = open_desk(chained(4, back=(2, 1)), storage, clock)

    answer, _ = desk.prepare(chunk_size=2, assign_independent_paths=True)

    assert answer["total_chunks"] == 1


def test_the_event_is_left_as_it_was(desk: ChunkDesk) -> None:
    before = {**desk.bag}

    desk.prepare()

    assert desk.bag == before


@pytest.mark.parametrize(
    ("field", "value"),
    [("chunk_size", 0), ("max_chunks", -1), ("chunk_size", "many"), ("state_data", None)],
)
def test_what_cannot_be_used_is_refused(desk: ChunkDesk, field: str, value: Json) -> None:
    with pytest.raises(InvalidInput, match=field):
        desk.prepare(**{field: value})


def test_a_bag_without_a_map_is_refused(desk: ChunkDesk) -> None:
    desk.bag["partition_map_s3_path"] = None

    with pytest.raises(InvalidInput, match="partition_map"):
        desk.prepare()


def test_an_inline_map_is_taken_before_its_pointer(desk: ChunkDesk) -> None:
    desk.bag["partition_map"] = [entry(0), entry(1)]

    answer, _ = desk.prepare()

    assert answer["original_segments"] == 2


@st.composite
def maps(draw: st.DrawFn) -> list[JsonObject]:
    size = draw(st.integers(1, 30))
    return [
        entry(place, *draw(st.sets(st.integers(0, place - 1), max_size=2)) if place else [])
        for place in range(size)
    ]


@given(maps(), st.integers(1, 12))
def test_ranges_cover_the_map_and_nothing_depends_across_a_border(
    partition_map: list[JsonObject], size: int
) -> None:
    ranges = independent_ranges(partition_map, size)

    assert [place for segments in ranges for place in segments] == list(range(len(partition_map)))
    for segments in ranges:
        for place in segments:
            dependencies = partition_map[place]["dependencies"]
            assert isinstance(dependencies, list)
            assert all(other in segments for other in dependencies)


@given(maps(), st.integers(1, 12))
def test_no_range_is_larger_than_a_chunk_but_a_single_component(
    partition_map: list[JsonObject], size: int
) -> None:
    parts = list(components(partition_map))

    for segments in independent_ranges(partition_map, size):
        assert len(segments) <= size or segments in parts


@given(maps(), st.integers(1, 12))
def test_serial_ranges_cover_the_map_in_equal_parts(
    partition_map: list[JsonObject], size: int
) -> None:
    ranges = serial_ranges(partition_map, size)

    assert [place for segments in ranges for place in segments] == list(range(len(partition_map)))
    assert {len(segments) for segments in ranges[:-1]} <= {size}
