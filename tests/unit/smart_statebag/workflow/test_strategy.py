"""Strategy and manifest (Contract 6.2, 6.4)."""

import pytest

from tasks.smart_statebag.workflow.manifest import segment_manifest, slimmed
from tasks.smart_statebag.workflow.strategy import choose_strategy, is_distributed
from tests.unit.smart_statebag.workflow.graphs import mapped, workflow


def unconnected(total: int, llm: int, hitp: int = 0):
    """A map of segments without dependencies."""
    kinds = ["llm"] * llm + ["hitp"] * hitp + ["normal"] * (total - llm - hitp)
    return [
        {
            "id": index,
            "type": kind,
            "dependencies": [],
            "level": 0,
            "next_mode": "default",
            "default_next": index + 1,
            "conditions": [],
        }
        for index, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("counts", "machine", "strategy", "concurrency"),
    [
        ((10, 10, 0), "standard", "SAFE", 1),
        ((11, 11, 0), "standard", "BATCHED", 10),
        ((12, 6, 0), "standard", "BATCHED", 20),
        ((12, 7, 0), "standard", "BATCHED", 10),
        ((12, 11, 1), "standard", "SAFE", 1),
        ((100, 40, 0), "standard", "BATCHED", 20),
        ((101, 40, 0), "standard", "MAP_REDUCE", 100),
        ((101, 30, 0), "standard", "BATCHED", 20),
        ((250, 100, 0), "standard", "MAP_REDUCE", 100),
        ((251, 100, 0), "standard", "SAFE", 1),
        ((251, 100, 0), "distributed", "MAP_REDUCE", 100),
        ((1000, 334, 0), "distributed", "MAP_REDUCE", 100),
    ],
)
def test_first_condition_that_holds_decides(counts, machine, strategy, concurrency) -> None:
    chosen = choose_strategy(unconnected(*counts), machine=machine)
    assert chosen.distributed_strategy == strategy
    assert chosen.max_concurrency == concurrency
    assert (chosen.llm_segments, chosen.hitp_segments) == counts[1:]


def test_one_dependency_makes_it_safe() -> None:
    partition_map = unconnected(200, 100)
    partition_map[7]["dependencies"] = [3]
    assert choose_strategy(partition_map, machine="standard").distributed_strategy == "SAFE"


def test_segment_that_chooses_its_successor_makes_it_safe() -> None:
    partition_map = unconnected(200, 100)
    partition_map[7]["next_mode"] = "conditional"
    assert choose_strategy(partition_map, machine="standard").distributed_strategy == "SAFE"


def test_configuration_lowers_the_concurrency() -> None:
    partition_map = unconnected(200, 100)
    for configured, expected in ((7, 7), (100, 100), (None, 100)):
        chosen = choose_strategy(
            partition_map, machine="standard", configured_concurrency=configured
        )
        assert chosen.max_concurrency == expected


@pytest.mark.parametrize(("branches", "concurrency"), [(2, 2), (25, 25), (40, 40), (60, 40)])
def test_safe_concurrency_is_the_widest_group_within_forty(branches, concurrency) -> None:
    partition_map = mapped(workflow(", ".join(f"s->b{index}->m" for index in range(branches))))
    chosen = choose_strategy(partition_map, machine="standard")
    assert (chosen.distributed_strategy, chosen.max_concurrency) == ("SAFE", concurrency)


def test_resource_policy_lowers_the_concurrency() -> None:
    branches = [{"nodes": [{"id": f"b{index}", "type": "start"}]} for index in range(5)]
    group = {
        "id": "g",
        "type": "parallel",
        "branches": branches,
        "resource_policy": {"max_concurrent_branches": 3},
    }
    assert choose_strategy(mapped({"nodes": [group]}), machine="standard").max_concurrency == 3


def test_llm_segments_are_counted_through_all_levels() -> None:
    partition_map = mapped(workflow("s->p->m, s->q->m, m->z", llm="p q z"))
    assert choose_strategy(partition_map, machine="standard").llm_segments == 3


@pytest.mark.parametrize(
    ("asked", "total", "distributed"),
    [(None, 300, False), (None, 301, True), (True, 1, True), ("true", 1, True), (False, 301, True)],
)
def test_distributed_mode_is_asked_for_or_forced(asked, total, distributed) -> None:
    assert is_distributed(asked, total) is distributed


def test_manifest_has_an_item_per_entry() -> None:
    partition_map = mapped(workflow("", llm="a b", alone="a b"))
    manifest = segment_manifest(partition_map)
    assert [item["segment_id"] for item in manifest] == [0, 1]
    assert [item["execution_order"] for item in manifest] == [0, 1]
    assert manifest[1]["segment_config"] == partition_map[1]
    assert set(manifest[0]) == {
        "segment_id",
        "execution_order",
        "type",
        "dependencies",
        "level",
        "segment_config",
    }
    assert [item["segment_config"] for item in slimmed(manifest)] == [None, None]
