"""The contract's core: sync, dedupe, ordering, fold, partitioning.

Any split of a workflow into segments, any order of branch completion, any number of repeated
deliveries give the final state of a plain run in memory; chunks
have this property in ``tests/unit/distributed``.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.errors import UnsupportedTopology
from tasks.smart_statebag.bag.hydrator import hydrate_history
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.bag.ordering import Ordered
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.state_data_manager.segment_result import SegmentResult
from tasks.smart_statebag.workflow.configuration import normalise
from tasks.smart_statebag.workflow.partitioning import partition
from tests.acceptance.disorderly_machines import DisorderlyMachines
from tests.acceptance.resplit import resplit
from tests.acceptance.workflows import edges, node, strategy
from tests.clocks import FakeClock
from tests.in_memory import MemoryRun, run_in_memory
from tests.machine_loops import Machines
from tests.random_workflows import workflows

GIVEN: JsonObject = {"given": 1}
CHANCE = st.randoms(use_true_random=False)


@st.composite
def fan_outs(draw: st.DrawFn) -> JsonObject:
    """Branches that append to one list, write one key, and keys of their own."""
    nodes: list[Any] = [node("first", "operator", sets={"seen": [], "latest": "nobody"})]
    chains: list[str] = []
    for branch in range(draw(st.integers(2, 12))):
        kinds = draw(st.lists(st.sampled_from(["append", "set", "ask"]), min_size=1, max_size=3))
        steps = [_step(f"b{branch}n{number}", kind) for number, kind in enumerate(kinds)]
        nodes += steps
        chains.append(" ".join(["first", *(step["id"] for step in steps), "last"]))
    nodes.append(node("last", "operator", sets={"ended": True}))
    links: list[Any] = [*edges(*chains)]
    return {"nodes": nodes, "edges": links}


def _step(node_id: str, kind: str) -> Any:
    if kind == "append":
        return strategy(
            node_id,
            "list_append",
            input_key="seen",
            params={"item": node_id},
            output_key="seen",
        )
    if kind == "set":
        return node(node_id, "operator", sets={"latest": node_id, node_id: True})
    return node(node_id, "llm_chat", prompt_content=f"About {node_id}", output_key=node_id)


FLOWS = st.one_of(workflows(), fan_outs())


@contextmanager
def storage() -> Iterator[tuple[StateStorage, FakeClock]]:
    clock = FakeClock()
    with tempfile.TemporaryDirectory() as directory:
        yield StateStorage(DirectoryStore(Path(directory), "bucket"), clock=clock), clock


def partition_of(configuration: JsonObject) -> list[Any]:
    try:
        return partition(normalise(configuration))
    except UnsupportedTopology:
        assume(False)
        raise


def assert_same_end(machines: Machines, bag: JsonObject, plain: MemoryRun) -> None:
    """The same state, and every node ran once and stands in the history once."""
    assert machines.state_of(bag) == plain.state
    history = hydrate_history(bag, machines.storage)
    ran = Counter(str(entry["node_id"]) for entry in history if isinstance(entry, dict))
    assert ran == Counter(str(entry["node_id"]) for entry in plain.entries)


@settings(max_examples=60, deadline=None)
@given(FLOWS, CHANCE)
def test_any_split_into_segments_gives_the_state_of_the_plain_run(
    configuration: JsonObject, chance: random.Random
) -> None:
    partition_map = resplit(partition_of(configuration), chance)
    plain = run_in_memory(configuration, GIVEN)
    with storage() as tools:
        machines = Machines(*tools)
        bag = machines.start(configuration, initial_state=GIVEN, partition_map=[*partition_map])
        assert bag["total_segments"] == len(partition_map)
        action, bag = machines.run_c(bag)
        assert action == "COMPLETE", bag["last_error"]
        assert_same_end(machines, bag, plain)


@settings(max_examples=40, deadline=None)
@given(FLOWS, CHANCE)
def test_any_split_gives_the_state_of_the_plain_run_on_the_legacy_machine(
    configuration: JsonObject, chance: random.Random
) -> None:
    partition_map = resplit(partition_of(configuration), chance)
    plain = run_in_memory(configuration, GIVEN)
    with storage() as tools:
        machines = Machines(*tools)
        bag = machines.start(configuration, initial_state=GIVEN, partition_map=[*partition_map])
        status, bag, _ = machines.run_a(bag)
        assert status == "COMPLETE"
        assert machines.state_of(bag) == plain.state


@settings(max_examples=60, deadline=None)
@given(FLOWS, CHANCE, st.booleans())
def test_any_order_and_any_repetition_give_the_state_of_the_plain_run(
    configuration: JsonObject, chance: random.Random, whole_branches: bool
) -> None:
    partition_map = resplit(partition_of(configuration), chance)
    plain = run_in_memory(configuration, GIVEN)
    with storage() as tools:
        machines = DisorderlyMachines(*tools, chance)
        bag = machines.start(configuration, initial_state=GIVEN, partition_map=[*partition_map])
        action, bag = machines.run_c(bag, whole_branches=whole_branches)
        assert action == "COMPLETE", bag["last_error"]
        assert_same_end(machines, bag, plain)


@settings(max_examples=40, deadline=None)
@given(FLOWS, CHANCE)
def test_results_that_are_synced_again_change_only_the_count_of_loops(
    configuration: JsonObject, chance: random.Random
) -> None:
    """A result that is taken over twice in a row leaves the bag of taking it over once."""
    partition_of(configuration)
    with storage() as tools:
        machines = Machines(*tools)
        bag = machines.start(configuration, initial_state=GIVEN)
        result = machines.execute({"state_data": bag, "allow_async": False})
        once = machines.manage("sync", state_data=bag, execution_result=result)
        assert isinstance(once["state_data"], dict)
        bag = once["state_data"]
        for _ in range(chance.randint(1, 3)):
            again = machines.manage("sync", state_data=bag, execution_result=result)
            assert again["next_action"] == once["next_action"]
            assert isinstance(again["state_data"], dict)
            bag = again["state_data"]
        counters = ("loop_counter", "payload_size_kb")
        assert without(bag, counters) == without(once["state_data"], counters)


def without(bag: JsonObject, names: tuple[str, ...]) -> JsonObject:
    return {name: value for name, value in bag.items() if name not in names}


Mutant = Callable[..., Any]


def keep_all(existing: list[Any], new: list[Any], archived_keys: object = ()) -> list[Any]:
    return existing + new


def as_they_came(items: list[tuple[Any, Any]]) -> Ordered[Any]:
    return Ordered(items=[item for _, item in items], fell_back=False)


def everything(base: JsonObject, state: JsonObject) -> JsonObject:
    return state


def always_the_next(position: JsonObject, result: SegmentResult) -> None:
    here = position["segment_to_run"]
    assert isinstance(here, int)
    position["segment_to_run"] = here + 1


LINKS = import_module("tasks.smart_statebag.workflow.partitioning.partition")._links


def without_conditions(step: Any, places: Any) -> JsonObject:
    return {**LINKS(step, places), "conditions": []}


MUTANTS: dict[str, tuple[str, Mutant, Callable[..., None]]] = {
    "dedupe": (
        "tasks.smart_statebag.bag.history.deduplicate",
        keep_all,
        test_results_that_are_synced_again_change_only_the_count_of_loops,
    ),
    "ordering": (
        "tasks.smart_statebag.bag.result_items.ordered",
        as_they_came,
        test_any_order_and_any_repetition_give_the_state_of_the_plain_run,
    ),
    "fold": (
        "tasks.smart_statebag.bag.aggregation.changes",
        everything,
        test_any_order_and_any_repetition_give_the_state_of_the_plain_run,
    ),
    "sync": (
        "tasks.smart_statebag.state_data_manager.sync.take_position",
        always_the_next,
        test_any_split_into_segments_gives_the_state_of_the_plain_run,
    ),
    "partitioning": (
        "tasks.smart_statebag.workflow.partitioning.partition._links",
        without_conditions,
        test_any_split_into_segments_gives_the_state_of_the_plain_run,
    ),
}
"""For each part of the core a fault put in its place, and the property that must notice it."""

SEARCHING = settings(
    max_examples=400, deadline=None, phases=[Phase.generate], database=None, derandomize=True
)
"""A fault is to be found, not to be explained by the smallest example."""


@pytest.mark.parametrize("part", MUTANTS)
def test_a_fault_in_the_core_is_noticed(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target, mutant, noticing = MUTANTS[part]
    body = cast("Any", noticing).hypothesis.inner_test
    draws = [st.booleans()] if "whole_branches" in signature(body).parameters else []
    module, _, attribute = target.rpartition(".")
    monkeypatch.setattr(import_module(module), attribute, mutant)
    with pytest.raises((AssertionError, LookupError)):
        SEARCHING(given(FLOWS, CHANCE, *draws)(body))()
