"""Whatever machine runs it, a workflow comes to the state of the plain run (Contract 5)."""

import random
import tempfile
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.errors import UnsupportedTopology
from tasks.smart_statebag.bag.hydrator import hydrate_history
from tasks.smart_statebag.bag.storage import StateStorage
from tests.clocks import FakeClock
from tests.in_memory import run_in_memory
from tests.machine_loops import Machines
from tests.random_workflows import workflows


def started(directory, configuration):
    clock = FakeClock()
    machines = Machines(StateStorage(DirectoryStore(Path(directory), "bucket"), clock=clock), clock)
    try:
        return machines, machines.start(configuration, initial_state={"given": 1})
    except UnsupportedTopology:
        assume(False)
        raise


@settings(max_examples=60, deadline=None)
@given(workflows(), st.integers(1, 2), st.randoms(use_true_random=False), st.booleans())
def test_v3_machines_come_to_the_state_of_the_plain_run(
    configuration, deliveries, chance: random.Random, whole_branches
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        machines, bag = started(directory, configuration)
        plain = run_in_memory(configuration, {"given": 1})
        machines.deliveries = deliveries
        machines.order = lambda items: chance.sample(list(items), len(items))
        action, bag = machines.run_c(bag, whole_branches=whole_branches)
        assert action == "COMPLETE", bag["last_error"]
        assert machines.state_of(bag) == plain.state
        history = hydrate_history(bag, machines.storage)
        ran = sorted(str(entry["node_id"]) for entry in history)
        assert ran == sorted(str(entry["node_id"]) for entry in plain.entries)


@settings(max_examples=60, deadline=None)
@given(workflows(), st.integers(1, 2), st.randoms(use_true_random=False))
def test_legacy_machine_comes_to_the_state_of_the_plain_run(
    configuration, deliveries, chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        machines, bag = started(directory, configuration)
        plain = run_in_memory(configuration, {"given": 1})
        machines.deliveries = deliveries
        machines.order = lambda items: chance.sample(list(items), len(items))
        status, bag, _ = machines.run_a(bag)
        assert status == "COMPLETE"
        assert machines.state_of(bag) == plain.state
