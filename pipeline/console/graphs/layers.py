"""The layers of one scope: which row each state is in, and in which order.

fast-sugiyama ranks the states and reduces crossings. It gives every node the same size, so
``coordinates`` places the rows it found by the real sizes. Cycles are cut here, at the arrow that
leads back on a walk from the start, so that the start is on top and loops lead upwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from fast_sugiyama import from_edges

_SPACING = 10

_Edge: TypeAlias = tuple[int, int]
_Placed: TypeAlias = tuple[int, float, float]
"""A node or bend with its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Rows of nodes, and the chain of nodes that each edge follows.

    Attributes:
        rows: Nodes from left to right, the uppermost row first. Numbers from ``count`` on are
            bends: places where an edge passes a row.
        chains: For each edge the nodes from its source to its target, bends included.
    """

    rows: list[list[int]]
    chains: dict[tuple[int, int], list[int]]


def layers_of(count: int, edges: Sequence[tuple[int, int]]) -> Layers:
    """Put nodes in rows.

    Args:
        count: Number of nodes; node 0 is the start.
        edges: Pairs of different nodes, none twice. A node without an edge goes below the start.
    """
    linked = {node for edge in edges for node in edge}
    all_edges = [*edges, *((0, node) for node in range(1, count) if node not in linked)]
    if not all_edges:
        return Layers(rows=[[0]], chains={})
    rows: list[list[int]] = []
    chains: dict[tuple[int, int], list[int]] = {}
    bends = count
    backward = _backward(count, all_edges)
    forward = list(dict.fromkeys((b, a) if (a, b) in backward else (a, b) for a, b in all_edges))
    for positions, segments in _components(forward):
        # Each component numbers its bends anew.
        number = {node: node if node < count else node + bends - count for node, _, _ in positions}
        bends = max(bends, *number.values(), 0) + 1
        for depth, row in enumerate(_rows(positions)):
            if depth == len(rows):
                rows.append([])
            rows[depth] += [number[node] for node in row]
        chains |= _chains([(number[a], number[b]) for a, b in segments], count)
    turned = {edge: chains[edge[::-1]][::-1] for edge in backward}
    return Layers(rows=rows, chains={edge: (turned.get(edge) or chains[edge]) for edge in edges})


def _backward(count: int, edges: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """The edges that lead to a node on the walk that found them; without them no cycle is left."""
    targets: dict[int, list[int]] = {node: [] for node in range(count)}
    for source, target in edges:
        targets[source].append(target)
    found: set[tuple[int, int]] = set()
    done: set[int] = set()
    path, on_path = [(0, iter(targets[0]))], {0}
    while path:
        node, left = path[-1]
        for target in left:
            if target in on_path:
                found.add((node, target))
            elif target not in done:
                on_path.add(target)
                path.append((target, iter(targets[target])))
                break
        else:
            path.pop()
            on_path.discard(node)
            done.add(node)
    return found


def _components(edges: Sequence[tuple[int, int]]) -> Iterator[tuple[list[_Placed], list[_Edge]]]:
    """The places of the nodes and bends of each component, and the pieces of its edges."""
    for positions, _, _, pieces in from_edges(
        edges, vertex_spacing=_SPACING, dummy_vertices=True, check_layout=False
    ):
        placed = [(int(node), float(x), float(y)) for node, (x, y) in positions]
        yield placed, [(int(source), int(target)) for source, target in pieces or ()]


def _rows(positions: Sequence[_Placed]) -> list[list[int]]:
    placed = sorted(positions, key=lambda each: (-each[2], each[1]))
    return [[node for node, _, _ in row] for _, row in groupby(placed, key=lambda each: each[2])]


def _chains(segments: Sequence[tuple[int, int]], count: int) -> dict[tuple[int, int], list[int]]:
    follows = {source: target for source, target in segments if source >= count}
    chains = {}
    for source, target in segments:
        if source < count:
            chain = [source, target]
            while chain[-1] >= count:
                chain.append(follows[chain[-1]])
            chains[source, chain[-1]] = chain
    return chains
