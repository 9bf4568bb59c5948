"""However a workflow is cut into chunks, it comes to the state of the plain run (Contract 8)."""

import random
import tempfile
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tasks.smart_statebag.bag.errors import UnsupportedTopology
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.state_data_manager import calls
from tasks.smart_statebag.state_data_manager.aggregate_distributed import (
    aggregate_distributed_results,
)
from tests.bags import directory_storage
from tests.clocks import FakeClock
from tests.in_memory import run_in_memory
from tests.random_workflows import workflows
from tests.unit.smart_statebag.distributed.desk import BASE, ChunkDesk, Remaining, open_desk
from tests.unit.smart_statebag.state_data_manager.desk import Figures

ENOUGH, SHORT = 60_000, 1


def desk_in(directory: str, configuration: JsonObject) -> ChunkDesk:
    clock = FakeClock()
    try:
        return open_desk(configuration, directory_storage(Path(directory), clock), clock)
    except UnsupportedTopology:
        assume(False)
        raise


def remaining(chance: random.Random) -> Remaining:
    return Remaining(*[chance.choice([ENOUGH, ENOUGH, SHORT]) for _ in range(20)])


@settings(max_examples=40, deadline=None)
@given(workflows(), st.integers(1, 4), st.integers(1, 2), st.randoms(use_true_random=False))
def test_chunks_one_after_another_come_to_the_state_of_the_plain_run(
    configuration: JsonObject, size: int, deliveries: int, chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        desk = desk_in(directory, configuration)
        _, chunks = desk.prepare(chunk_size=size)
        results = []
        for chunk in chunks:
            for _ in range(deliveries):
                result = desk.run_b(chunk, remaining(chance))
            desk.save(result)
            results.append(result)
        aggregated = desk.aggregate(chance.sample(results, len(results)))

        assert aggregated["status"] == "COMPLETED", aggregated["error_info"]
        assert desk.document(aggregated) == run_in_memory(configuration, BASE).state


@settings(max_examples=40, deadline=None)
@given(workflows(), st.integers(1, 4), st.integers(1, 2), st.randoms(use_true_random=False))
def test_independent_chunks_in_any_order_fold_to_the_state_of_the_plain_run(
    configuration: JsonObject, size: int, deliveries: int, chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        desk = desk_in(directory, configuration)
        _, chunks = desk.prepare(chunk_size=size, assign_independent_paths=True)
        results = [
            run_to_its_end(desk, chunk, deliveries, chance)
            for chunk in chance.sample(chunks, len(chunks))
        ]
        tools = calls.ActionTools(storage=lambda: desk.storage, clock=desk.clock, sink=Figures())
        aggregated = aggregate_distributed_results(
            {"state_data": desk.bag, "distributed_results": list(results)}, tools
        )

        assert aggregated["final_status"] == "COMPLETE"
        bag = aggregated["state_data"]
        assert isinstance(bag, dict)
        final = desk.read_object(bag["state_s3_path"])
        assert final == run_in_memory(configuration, BASE).state


def run_to_its_end(
    desk: ChunkDesk, chunk: JsonObject, deliveries: int, chance: random.Random
) -> JsonObject:
    """The calls of D's Map for one item."""
    result = desk.run_d(chunk, remaining(chance))
    while result["status"] == "CONTINUE":
        for _ in range(deliveries):
            following = desk.run_d(
                chunk,
                Remaining(*[chance.choice([ENOUGH, SHORT])]),
                previous=result,
                resume_from_segment=result["next_segment"],
            )
        result = following
    return result
