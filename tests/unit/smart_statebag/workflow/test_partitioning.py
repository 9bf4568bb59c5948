"""Segments, groups and links (Contract 6.3)."""

import pytest

from tasks.smart_statebag.bag.errors import (
    CycleDetected,
    InvalidWorkflowConfig,
    TooManyBranches,
    UnsupportedTopology,
)
from tasks.smart_statebag.workflow.partitioning import (
    check_links,
    longest_branch,
    splice,
    widest_group,
)
from tests.unit.smart_statebag.workflow.graphs import mapped, outline, workflow


def links(partition_map):
    return [entry["default_next"] for entry in partition_map]


@pytest.mark.parametrize(
    ("configuration", "segments"),
    [
        (workflow("a->b->c"), "normal(a, b, c)"),
        (workflow("a->b->c", llm="b"), "normal(a) llm(b) normal(c)"),
        (
            workflow("s->p, s->q, p->m, q->m"),
            "normal(s) parallel_group[normal(p) | normal(q)] aggregator normal(m)",
        ),
        (workflow("s->a, s->m, a->m"), "normal(s, a) normal(m)"),
        (
            workflow("r1->a->L->m, r2->m", llm="L"),
            "normal(r1, a) llm(L) normal(r2) normal(m)",
        ),
        (
            workflow("", llm=" ".join(f"n{i}" for i in range(12)), alone="n0 n1 n2"),
            "llm(n0) llm(n1) llm(n2)",
        ),
        (workflow("a->b->c", hitp="b"), "normal(a) hitp(b, c)"),
        (workflow("", alone="x y"), "normal(x) normal(y)"),
        (
            workflow("s->a->b, s->c, b->m, c->m, s->m"),
            "normal(s) parallel_group[normal(a, b) | normal(c)] aggregator normal(m)",
        ),
        (
            workflow("s->a, s->b", alone="z"),
            "normal(s) parallel_group[normal(a) | normal(b)] aggregator normal(z)",
        ),
        (
            workflow("s->a, s->b, a->c, a->d, c->e, d->e, e->m, b->m"),
            "normal(s) parallel_group[normal(a) parallel_group[normal(c) | normal(d)] aggregator"
            " normal(e) | normal(b)] aggregator normal(m)",
        ),
    ],
)
def test_configuration_has_these_segments(configuration, segments) -> None:
    assert outline(mapped(configuration)) == segments


def test_levels_count_from_the_dependencies() -> None:
    partition_map = mapped(workflow("a->b->c", llm="b"))
    assert [entry["level"] for entry in partition_map] == [0, 1, 2]
    assert [entry["dependencies"] for entry in partition_map] == [[], [0], [1]]


def test_group_depends_on_its_fan_out_and_the_join_on_the_aggregator() -> None:
    partition_map = mapped(workflow("s->p, s->q, p->m, q->m, s->m"))
    assert [entry["dependencies"] for entry in partition_map] == [[], [0], [1], [0, 2]]
    assert links(partition_map) == [1, 2, 3, None]
    assert partition_map[2]["source_parallel_group"] == 1
    assert partition_map[2]["convergence_node"] == "m"
    assert partition_map[3]["next_mode"] == "end"


def test_branches_come_in_the_order_of_the_edges_that_enter_them() -> None:
    configuration = workflow("s->q, s->p, p->m, q->m")
    configuration["nodes"].sort(key=lambda node: node["id"])
    assert "[normal(q) | normal(p)]" in outline(mapped(configuration))


def test_branch_says_what_it_holds() -> None:
    branch = mapped(workflow("s->p, s->q, p->m, q->m"))[1]["branches"][1]
    assert branch["branch_id"] == "branch_1"
    assert branch["branch_index"] == 1
    assert branch["segment_count"] == 1
    assert branch["target_node"] == "q"
    assert branch["has_end"] is False
    assert branch["partition_map_s3_path"] is None
    assert branch["partition_map"][0]["id"] == 0


def test_router_lays_its_region_out_flat() -> None:
    partition_map = mapped(workflow("r-[x == 1]->a->m, r-[x == 2]->b->m, r->c->m, m->z"))
    assert outline(partition_map) == "normal(r) normal(a) normal(b) normal(c) normal(m, z)"
    assert links(partition_map) == [3, 4, 4, 4, None]
    router = partition_map[0]
    assert router["next_mode"] == "conditional"
    assert router["conditions"] == [
        {"condition": "x == 1", "next": 1},
        {"condition": "x == 2", "next": 2},
    ]


def test_router_without_default_goes_on_behind_its_region() -> None:
    partition_map = mapped(workflow("r-[x == 1]->a->m, r-[x == 2]->b->m"))
    assert links(partition_map) == [3, 3, 3, None]


def test_router_whose_choices_are_sinks_ends_with_them() -> None:
    partition_map = mapped(workflow("r-[x]->a, r->b"))
    assert links(partition_map) == [2, None, None]
    assert partition_map[1]["next_mode"] == "end"


def test_router_mapping_becomes_conditional_edges() -> None:
    configuration = workflow("r->a, r->b")
    configuration["edges"] = [
        {"source": "r", "type": "conditional_edge", "mapping": {"left": "a", "right": "b"}}
    ]
    conditions = mapped(configuration)[0]["conditions"]
    assert conditions == [
        {"condition": '__router_result.selected_branch == "left"', "next": 1},
        {"condition": '__router_result.selected_branch == "right"', "next": 2},
    ]


def test_fan_out_inside_a_region_is_a_group_there() -> None:
    partition_map = mapped(workflow("r-[x]->f, r->y, f->p, f->q, p->m, q->m, y->m"))
    assert outline(partition_map) == (
        "normal(r) normal(f) normal(y) parallel_group[normal(p) | normal(q)] aggregator normal(m)"
    )
    assert partition_map[0]["conditions"] == [{"condition": "x", "next": 1}]
    assert links(partition_map) == [2, 3, 5, 4, 5, None]


def test_region_follows_every_outside_predecessor() -> None:
    configuration = workflow("s->p, s->q, p->m, q->m, x->q")
    assert outline(mapped(configuration)) == (
        "normal(s) normal(x) parallel_group[normal(p) | normal(q)] aggregator normal(m)"
    )


def test_back_edge_is_a_condition_and_its_target_begins_a_segment() -> None:
    configuration = workflow("a->b->c->d")
    configuration["edges"].append(
        {"source": "c", "target": "b", "condition": "n < 3", "data": {"isBackEdge": True}}
    )
    partition_map = mapped(configuration)
    assert outline(partition_map) == "normal(a) normal(b, c) normal(d)"
    assert partition_map[1]["conditions"] == [{"condition": "n < 3", "next": 1}]
    assert partition_map[1]["dependencies"] == [0]
    assert links(partition_map) == [1, 2, None]


def test_inline_group_in_either_encoding_is_the_same_map() -> None:
    branches = [
        {"nodes": [{"id": "p", "type": "operator"}], "edges": []},
        {"branch_id": "second", "nodes": [{"id": "q", "type": "llm"}]},
    ]
    policy = {"max_concurrent_branches": 1}
    tail = {"id": "z", "type": "end"}
    edges = [{"source": "g", "target": "z"}]
    on_node = {"id": "g", "type": "parallel", "branches": branches, "resource_policy": policy}
    in_config = {
        "id": "g",
        "type": "parallel_group",
        "config": {"branches": branches, "resource_policy": policy},
    }
    partition_map = mapped({"nodes": [on_node, tail], "edges": edges})
    assert outline(partition_map) == "parallel_group[normal(p) | llm(q)] aggregator normal(z)"
    assert [branch["branch_id"] for branch in partition_map[0]["branches"]] == [
        "branch_0",
        "second",
    ]
    assert partition_map[0]["resource_policy"] == policy
    assert mapped({"nodes": [in_config, tail], "edges": edges}) == partition_map


def test_join_of_a_group_that_is_a_router_target_is_its_region_end() -> None:
    group = {
        "id": "g",
        "type": "parallel_group",
        "branches": [{"nodes": [{"id": name, "type": "operator"}]} for name in "pq"],
    }
    configuration = workflow("r-[x]->g->m, r->y->m")
    configuration["nodes"] = [
        group if node["id"] == "g" else node for node in configuration["nodes"]
    ]
    partition_map = mapped(configuration)
    assert outline(partition_map) == (
        "normal(r) parallel_group[normal(p) | normal(q)] aggregator normal(y) normal(m)"
    )
    assert links(partition_map) == [3, 2, 4, 4, None]


def test_cycle_names_its_nodes() -> None:
    with pytest.raises(CycleDetected) as refusal:
        mapped(workflow("a->b->c->b, c->d"))
    assert set(refusal.value.node_ids) == {"b", "c"}


@pytest.mark.parametrize(
    ("configuration", "place"),
    [
        (workflow("r-[x]->a, r->b, r->c"), "node r"),
        (workflow("r-[x]->a->m, r->b->m, t-[y]->a, t->b"), "node t"),
        (workflow("r-[x]->f, r->y, f->p, f->q, p->m, q->m, y->q"), "node y"),
        (workflow("r-[x]->f, r-[z]->q, r->m, f->p, f->q, p->m, q->m"), "node r"),
    ],
)
def test_graph_without_an_order_by_segments_is_not_supported(configuration, place) -> None:
    with pytest.raises(UnsupportedTopology) as refusal:
        mapped(configuration)
    assert refusal.value.place == place


def test_back_edge_out_of_a_branch_is_not_supported() -> None:
    configuration = workflow("s->p, s->q, p->m, q->m")
    configuration["edges"].append(
        {"source": "p", "target": "s", "condition": "x", "data": {"isBackEdge": True}}
    )
    with pytest.raises(UnsupportedTopology):
        mapped(configuration)


def test_person_may_be_asked_in_a_branch_but_not_in_a_branch_of_a_branch() -> None:
    nested = "s->a, s->b, a->c, a->d, c->e, d->e, e->m, b->m"
    assert "hitp(a)" in outline(mapped(workflow(nested, hitp="a")))
    with pytest.raises(UnsupportedTopology, match="nested group"):
        mapped(workflow(nested, hitp="c"))


def test_group_itself_cannot_be_asked_about() -> None:
    configuration = {"nodes": [{"id": "g", "type": "parallel", "hitp": True, "branches": []}]}
    with pytest.raises(UnsupportedTopology, match="cannot be hitp"):
        mapped(configuration)


def test_hundred_branches_are_the_most() -> None:
    hundred = ", ".join(f"s->b{i}->m" for i in range(100))
    assert widest_group(mapped(workflow(hundred))) == 100
    with pytest.raises(TooManyBranches) as refusal:
        mapped(workflow(hundred + ", s->one_more->m"))
    assert refusal.value.count == 101


def test_long_chain_needs_no_recursion() -> None:
    chain = "->".join(f"n{i}" for i in range(500))
    every_other = " ".join(f"n{i}" for i in range(0, 500, 2))
    partition_map = mapped(workflow(chain, llm=every_other))
    assert len(partition_map) == 500
    assert partition_map[-1]["level"] == 499


def test_census_looks_into_branches() -> None:
    partition_map = mapped(workflow("s->a->L->b, s->c, b->m, c->m", llm="L"))
    assert longest_branch(partition_map) == 3


def test_splice_goes_on_with_the_join() -> None:
    branch = mapped(workflow("p->L", llm="L"))
    outer = mapped(workflow("s->g->m->z"))
    outer = mapped(
        {
            "nodes": [
                {"id": "s", "type": "operator"},
                {"id": "g", "type": "parallel", "branches": [{"nodes": []}]},
                {"id": "m", "type": "operator"},
                {"id": "z", "type": "llm"},
            ],
            "edges": workflow("s->g->m->z")["edges"],
        }
    )
    spliced = splice(outer, 1, branch)
    assert outline(spliced) == "normal(p) llm(L) normal(m) llm(z)"
    assert [entry["id"] for entry in spliced] == [0, 1, 2, 3]
    assert links(spliced) == [1, 2, 3, None]
    assert [entry["dependencies"] for entry in spliced] == [[], [0], [], [2]]
    assert check_links(spliced) == spliced


def test_splice_at_the_end_ends_with_the_branch() -> None:
    outer = mapped({"nodes": [{"id": "g", "type": "parallel", "branches": [{"nodes": []}]}]})
    assert links(splice(outer, 0, mapped(workflow("a->L", llm="L")))) == [1, None]


def test_splice_keeps_what_a_loop_leads_back_to() -> None:
    group = {"id": "g", "type": "parallel", "branches": [{"nodes": []}]}
    configuration = workflow("s->g->m->z")
    configuration["nodes"][1] = group
    configuration["edges"].append(
        {"source": "m", "target": "s", "condition": "n < 3", "data": {"isBackEdge": True}}
    )
    outer = mapped(configuration)
    branch = mapped(workflow("p->q"))
    spliced = splice(outer, 1, branch)
    assert (
        outline(spliced) == "normal(p, q) normal(m) normal(z) normal(s) parallel_group[] aggregator"
    )
    assert spliced[1]["conditions"] == [{"condition": "n < 3", "next": 3}]
    assert links(spliced) == [1, 2, None, 4, 5, 1]
    again = splice(spliced, 4, branch)
    assert len(again) == len(spliced)
    assert check_links(again) == again


@pytest.mark.parametrize(
    "damage",
    [
        {"id": 7},
        {"default_next": 9},
        {"default_next": -1},
        {"conditions": [{"condition": "x", "next": 5}]},
        {"type": "strange"},
    ],
)
def test_map_from_outside_with_a_wrong_link_is_refused(damage) -> None:
    partition_map = mapped(workflow("a->b->c", llm="b"))
    partition_map[1] = {**partition_map[1], **damage}
    with pytest.raises(InvalidWorkflowConfig) as refusal:
        check_links(partition_map)
    assert refusal.value.problems[0].place.startswith("/partition_map/1")


@pytest.mark.parametrize("partition_map", [None, [], {}, "map"])
def test_map_without_entries_is_refused(partition_map) -> None:
    with pytest.raises(InvalidWorkflowConfig):
        check_links(partition_map)


def test_fan_out_in_a_region_leads_into_its_group_before_its_join() -> None:
    partition_map = mapped(workflow("r-[x]->f, r->y->z, f->p->m, f->q->m, f->m, m->z"))
    assert outline(partition_map) == (
        "normal(r) normal(f) normal(y) parallel_group[normal(p) | normal(q)] aggregator"
        " normal(m) normal(z)"
    )
    assert links(partition_map) == [2, 3, 6, 4, 5, 6, None]


def test_router_in_a_region_without_default_goes_on_where_its_ways_meet() -> None:
    partition_map = mapped(workflow("r-[a]->t, r->y->z, t-[b]->u->v, t-[c]->w->v, v->z"))
    assert outline(partition_map) == (
        "normal(r) normal(t) normal(y) normal(u) normal(w) normal(v) normal(z)"
    )
    assert links(partition_map) == [2, 5, 6, 5, 5, 6, None]


def test_group_in_a_branch_of_a_group_in_a_region_is_part_of_that_branch() -> None:
    edges = "r-[x]->f, r->y->z, f->p, f->q->m, p->p1->o, p->p2->o, o->m, m->z"
    assert outline(mapped(workflow(edges))) == (
        "normal(r) normal(f) normal(y) parallel_group[normal(p) parallel_group[normal(p1) |"
        " normal(p2)] aggregator normal(o) | normal(q)] aggregator normal(m) normal(z)"
    )
