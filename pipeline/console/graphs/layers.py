"""The layers of one scope: which row each state is in, and in which order.

fast-sugiyama ranks the states and reduces crossings. It gives every node the same size, so
``coordinates`` places the rows it found by the real sizes. Cycles are cut here, at the arrow that
leads back on a walk from the start, so that the start is on top and loops lead upwards.
"""

from collections.abc import Sequence
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
        edges: Pairs of different nodes, none twice.
    """
    if count == 1:
        return Layers(rows=[[0]], chains={})
    backward, roots = _walk(count, edges)
    # A state that nothing leads to hangs below the start, so that there is one component.
    forward = [edge[::-1] if edge in backward else edge for edge in edges]
    forward += [(0, root) for root in roots[1:]]
    positions, pieces = _placed(list(dict.fromkeys(forward)))
    chains = _chains(pieces, count)
    turned = {edge: chains[edge[::-1]][::-1] for edge in backward}
    return Layers(
        rows=_rows(positions), chains={edge: turned.get(edge) or chains[edge] for edge in edges}
    )


def _walk(count: int, edges: Sequence[_Edge]) -> tuple[set[_Edge], list[int]]:
    """The edges that lead back to a node on the walk that found them, and where walks began.

    Without these edges no cycle is left.
    """
    targets: dict[int, list[int]] = {node: [] for node in range(count)}
    for source, target in edges:
        targets[source].append(target)
    backward: set[_Edge] = set()
    done: set[int] = set()
    roots = []
    for root in range(count):
        if root in done:
            continue
        roots.append(root)
        path, on_path = [(root, iter(targets[root]))], {root}
        while path:
            node, left = path[-1]
            for target in left:
                if target in on_path:
                    backward.add((node, target))
                elif target not in done:
                    on_path.add(target)
                    path.append((target, iter(targets[target])))
                    break
            else:
                path.pop()
                on_path.discard(node)
                done.add(node)
    return backward, roots


def _placed(edges: Sequence[_Edge]) -> tuple[list[_Placed], list[_Edge]]:
    """The places of the nodes and bends, and the pieces of the edges between them."""
    ((positions, _, _, pieces),) = from_edges(
        edges, vertex_spacing=_SPACING, dummy_vertices=True, check_layout=False
    )
    placed = [(int(node), float(x), float(y)) for node, (x, y) in positions]
    return placed, [(int(source), int(target)) for source, target in pieces or ()]


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
