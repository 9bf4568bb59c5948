"""Horizontal places of the nodes of each row, by their widths.

Rows are swept down and up several times. Each sweep draws every node towards the mean of its
neighbours in the row before, and then keeps the order and the distances of the row in the way that
moves its nodes least: a least-squares fit under those conditions, which merging neighbouring
groups that collide (isotonic regression) finds exactly.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

_SWEEPS = 16


def centres(
    rows: Sequence[Sequence[int]],
    links: Iterable[tuple[int, int]],
    widths: Mapping[int, float],
    gap: float,
) -> dict[int, float]:
    """The horizontal centre of each node.

    Args:
        rows: Nodes from left to right.
        links: Pairs of nodes in neighbouring rows.
        widths: Of each node.
        gap: Least distance between two nodes of a row.
    """
    depth = {node: number for number, row in enumerate(rows) for node in row}
    above: dict[int, list[int]] = defaultdict(list)
    below: dict[int, list[int]] = defaultdict(list)
    for one, other in links:
        upper, lower = sorted((one, other), key=depth.__getitem__)
        above[lower].append(upper)
        below[upper].append(lower)
    placed: dict[int, float] = {}
    for row in rows:
        placed |= _fitted(row, dict.fromkeys(row, 0.0), widths, gap)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for row in rows if down else reversed(rows):
            wished = {node: _mean([placed[other] for other in neighbours[node]]) for node in row}
            kept = {node: placed[node] if at is None else at for node, at in wished.items()}
            placed |= _fitted(row, kept, widths, gap)
    return placed


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _fitted(
    row: Sequence[int], wished: Mapping[int, float], widths: Mapping[int, float], gap: float
) -> dict[int, float]:
    """Centres nearest to the wished ones that keep the order and the distances of a row."""
    offsets, at, previous = [], 0.0, None
    for node in row:
        if previous is not None:
            at += (widths[previous] + widths[node]) / 2 + gap
        offsets.append(at)
        previous = node
    groups: list[tuple[float, int]] = []  # mean and size
    for node, offset in zip(row, offsets, strict=True):
        mean, size = wished[node] - offset, 1
        while groups and groups[-1][0] > mean:
            other, others = groups.pop()
            mean = (mean * size + other * others) / (size + others)
            size += others
        groups.append((mean, size))
    starts = [mean for mean, size in groups for _ in range(size)]
    return {node: start + offset for node, start, offset in zip(row, starts, offsets, strict=True)}
