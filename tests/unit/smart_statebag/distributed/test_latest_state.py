"""From one chunk of B to the next (Contract 8.2)."""

import pytest

from tasks.smart_statebag.bag.envelopes import kind_of
from tasks.smart_statebag.bag.errors import ChunkContinuityError, InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.save_latest_state import save_latest_state
from tests.clocks import FakeClock
from tests.unit.smart_statebag.distributed.desk import ChunkDesk, open_desk
from tests.unit.smart_statebag.distributed.workflows import unconnected


@pytest.fixture
def desk(storage: StateStorage, clock: FakeClock) -> ChunkDesk:
    return open_desk(unconnected(6), storage, clock)


def test_chunk_0_begins_with_the_initial_state(desk: ChunkDesk) -> None:
    loaded = desk.load(desk.chunk(0, 1))

    previous = loaded.pop("previous_state")
    assert kind_of(previous) == "wrapper"
    assert isinstance(previous, dict)
    assert previous["__s3_path"] == desk.bag["state_s3_path"]
    assert loaded == {
        "latest_segment_id": None,
        "next_segment": 0,
        "state_loaded": False,
        "total_segments": 6,
    }


def test_every_other_chunk_begins_with_the_state_the_one_before_left(desk: ChunkDesk) -> None:
    first = desk.run_b(desk.chunk(0, 1))
    saved = desk.save(first)

    loaded = desk.load(desk.chunk(2, 3, index=1))

    assert saved == {"saved": True, "state_s3_path": first["final_state_s3_path"]}
    assert loaded["previous_state"] == first["final_state"]
    assert loaded["latest_segment_id"] == 1
    assert loaded["next_segment"] == 2
    assert loaded["state_loaded"] is True


def test_the_latest_state_says_where_a_chunk_came_to(desk: ChunkDesk) -> None:
    first = desk.run_b(desk.chunk(0, 1))
    desk.save(first)

    latest = desk.read_object(desk.storage.pointer(keys_of(desk.bag).latest_state()))

    assert latest == {
        "chunk_index": 0,
        "chunk_id": "chunk_0000",
        "status": "COMPLETED",
        "state_s3_path": first["final_state_s3_path"],
        "next_segment": 2,
        "updated_at": "2027-01-15T08:00:00.000Z",
    }


def test_a_chunk_does_not_start_before_the_one_before_it_has_reported(desk: ChunkDesk) -> None:
    with pytest.raises(ChunkContinuityError, match="chunk_0000 left no record"):
        desk.load(desk.chunk(2, 3, index=1))


def test_a_chunk_does_not_start_after_one_that_failed(desk: ChunkDesk) -> None:
    failed = desk.run_b(desk.chunk(0, 1), run_segment=lambda event, context: {"status": "HALTED"})
    desk.save(failed)

    with pytest.raises(ChunkContinuityError, match="FAILED"):
        desk.load(desk.chunk(2, 3, index=1))


def test_a_chunk_does_not_start_with_the_state_of_any_other_chunk(desk: ChunkDesk) -> None:
    desk.save(desk.run_b(desk.chunk(0, 1)))
    desk.run_b(desk.chunk(2, 3, index=1))  # its state is never saved

    with pytest.raises(ChunkContinuityError, match="latest state"):
        desk.load(desk.chunk(4, 5, index=2))


def test_a_chunk_does_not_start_before_the_latest_state_is_saved(desk: ChunkDesk) -> None:
    desk.run_b(desk.chunk(0, 1))

    with pytest.raises(ChunkContinuityError):
        desk.load(desk.chunk(2, 3, index=1))


def test_a_chunk_that_lies_before_the_next_segment_does_nothing_and_succeeds(
    desk: ChunkDesk,
) -> None:
    first = desk.run_b(desk.chunk(0, 1))
    desk.save({**first, "next_segment": 4})

    skipped = desk.run_b(desk.chunk(2, 3, index=1))
    desk.save(skipped)
    last = desk.run_b(desk.chunk(4, 5, index=2))

    assert (skipped["status"], skipped["processed_segments"]) == ("COMPLETED", 0)
    assert skipped["next_segment"] == 4
    assert desk.document(last)["sequence"] == [0, 1, 4, 5]


def test_after_the_end_of_the_workflow_every_chunk_does_nothing(desk: ChunkDesk) -> None:
    first = desk.run_b(desk.chunk(0, 1))
    desk.save({**first, "next_segment": None})

    skipped = desk.run_b(desk.chunk(2, 3, index=1))

    assert skipped["processed_segments"] == 0
    assert desk.document(skipped)["sequence"] == [0, 1]


def test_a_chunk_first_does_what_the_one_before_left_undone(desk: ChunkDesk) -> None:
    first = desk.run_b(desk.chunk(0, 2))
    desk.save({**first, "next_segment": 2})

    second = desk.run_b(desk.chunk(3, 5, index=1))

    assert desk.document(second)["sequence"] == [0, 1, 2, 2, 3, 4, 5]


def test_an_inline_state_is_written_before_it_is_pointed_to(desk: ChunkDesk) -> None:
    result: JsonObject = {**desk.run_b(desk.chunk(0, 1)), "final_state": {"a": 1}}

    saved = desk.save(result)

    assert desk.read_object(saved["state_s3_path"]) == {"a": 1}


def test_chunk_0_without_an_initial_state_is_refused(desk: ChunkDesk) -> None:
    desk.bag["state_s3_path"] = None

    with pytest.raises(InvalidInput, match="state_s3_path"):
        desk.load(desk.chunk(0, 1))


@pytest.mark.parametrize(
    ("field", "value"), [("chunk_id", ""), ("chunk_index", None), ("final_state", None)]
)
def test_a_latest_state_without_what_it_needs_is_refused(
    desk: ChunkDesk, field: str, value: Json
) -> None:
    event = {**desk.run_b(desk.chunk(0, 1)), **desk.serial_fields(), field: value}

    with pytest.raises(InvalidInput, match=field):
        save_latest_state(event, desk.tools)
