"""The drawing of a graph: boxes and arrows with their places, in pixels.

No transition leaves its scope, so each scope is laid out by itself, the inner ones first: a Map or
Parallel state is a box as large as its scopes.
"""

from dataclasses import dataclass, field
from itertools import groupby, pairwise

from pipeline.console.graphs.coordinates import centres
from pipeline.console.graphs.graph import Scope, State, Transition
from pipeline.console.graphs.layers import layers_of

_BOLD, _CHARACTER = 8.6, 7.0
"""Widths of a character in a state's name, and in the lines below it."""
_MIN_WIDTH, _MAX_CHARACTERS = 132.0, 40
_LINE, _PADDING = 17.0, 9.0
_GAP, _ROW_GAP, _BEND_WIDTH = 26.0, 34.0, 10.0
_MARGIN = 14.0
_HEADER = 46.0
_START = 10.0
"""Diameter of the dot where a scope starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A state, or one branch of a Parallel state.

    Attributes:
        x, y: Of its upper left corner.
        state: The state; None for a branch.
    """

    x: float
    y: float
    width: float
    height: float
    state: State | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A transition with the points of its line; None is that from a scope's start."""

    transition: Transition | None
    points: list[tuple[float, float]]


@dataclass(slots=True)
class Drawing:
    """Boxes, outer ones first, and arrows."""

    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)

    def add(self, other: "Drawing", x: float, y: float) -> None:
        """Put another drawing on this one."""
        for box in other.boxes:
            self.boxes.append(
                Box(
                    x=box.x + x,
                    y=box.y + y,
                    width=box.width,
                    height=box.height,
                    state=box.state,
                )
            )
        for arrow in other.arrows:
            moved = [(px + x, py + y) for px, py in arrow.points]
            self.arrows.append(Arrow(transition=arrow.transition, points=moved))


def lines_of(state: State) -> list[str]:
    """The lines of text in a state's box: its name, what it does, where its errors go."""
    kind = f"{state.type}: {state.detail}" if state.detail else state.type
    lines = [state.name, kind]
    if state.catches:
        lines.append("↯ " + ", ".join(state.catches))
    return [_shortened(line) for line in lines]


def draw(scope: Scope) -> Drawing:
    """Lay out a scope with everything inside it."""
    insides = [_inside(state) for state in scope.states]
    names = {state.name: number for number, state in enumerate(scope.states, start=1)}
    drawn = _drawn_transitions(scope)
    edges = {(0, names[scope.start_at]): None} | {
        (names[each.source], names[each.target]): each
        for each in drawn
        if each.source != each.target
    }
    layers = layers_of(len(names) + 1, list(edges))
    widths = {0: _START} | {n: inside.width for n, inside in enumerate(insides, start=1)}
    heights = {0: _START} | {n: inside.height for n, inside in enumerate(insides, start=1)}
    for row in layers.rows:
        for node in row:
            widths.setdefault(node, _BEND_WIDTH)
            heights.setdefault(node, 0.0)
    links = [pair for chain in layers.chains.values() for pair in pairwise(chain)]
    middle = centres(layers.rows, links, widths, _GAP)
    return _Sheet(layers.rows, middle, widths, heights).drawing(
        scope, insides, {edge: (edges[edge], chain) for edge, chain in layers.chains.items()}
    )


def _drawn_transitions(scope: Scope) -> list[Transition]:
    """The transitions, and of those by errors the ones without which a state would hang free.

    Arrows of all catchers would hide the others; a state's box names them.
    """
    drawn = list(scope.transitions)
    reached = {scope.start_at}
    while True:
        found = {each.target for each in drawn if each.source in reached} - reached
        if not found:
            caught = next(
                (
                    Transition(source=state.name, target=target, label="Catch")
                    for state in scope.states
                    if state.name in reached
                    for target in state.catches
                    if target not in reached
                ),
                None,
            )
            if caught is None:
                return drawn
            drawn.append(caught)
            found = {caught.target}
        reached |= found


def _inside(state: State) -> Drawing:
    """A state's own box with what is inside it."""
    lines = lines_of(state)
    text = max(len(lines[0]) * _BOLD, *(len(line) * _CHARACTER for line in lines[1:]))
    width = max(_MIN_WIDTH, text + 2 * _PADDING)
    height = len(lines) * _LINE + 2 * _PADDING
    inner = Drawing(width, height)
    if state.scopes:
        scopes = [draw(scope) for scope in state.scopes]
        head = height + 2
        total = sum(scope.width for scope in scopes) + _MARGIN * (len(scopes) + 1)
        inner.width = max(width, total)
        inner.height = head + max(scope.height for scope in scopes) + _MARGIN
        x = (inner.width - total) / 2 + _MARGIN
        for scope in scopes:
            if len(scopes) > 1:
                inner.boxes.append(
                    Box(x=x, y=head, width=scope.width, height=scope.height, state=None)
                )
            inner.add(scope, x, head)
            x += scope.width + _MARGIN
    inner.boxes.insert(0, Box(x=0, y=0, width=inner.width, height=inner.height, state=state))
    return inner


class _Sheet:
    """The rows of one scope with their vertical places."""

    def __init__(
        self,
        rows: list[list[int]],
        middle: dict[int, float],
        widths: dict[int, float],
        heights: dict[int, float],
    ) -> None:
        left = min(middle[node] - widths[node] / 2 for node in middle)
        right = max(middle[node] + widths[node] / 2 for node in middle)
        self._x = {node: middle[node] - left + _MARGIN for node in middle}
        self._widths, self._heights = widths, heights
        self._top: dict[int, float] = {}
        self._bottom: dict[int, float] = {}
        self._row = {node: number for number, row in enumerate(rows) for node in row}
        y = _MARGIN
        for row in rows:
            tallest = max(heights[node] for node in row)
            for node in row:
                self._top[node], self._bottom[node] = y, y + tallest
            y += tallest + _ROW_GAP
        self._size = right - left + 2 * _MARGIN, y - _ROW_GAP + _MARGIN

    def drawing(
        self,
        scope: Scope,
        insides: list[Drawing],
        chains: dict[tuple[int, int], tuple[Transition | None, list[int]]],
    ) -> Drawing:
        """The drawing of the scope whose rows these are."""
        drawing = Drawing(*self._size)
        for number, inside in enumerate(insides, start=1):
            drawing.add(inside, self._x[number] - inside.width / 2, self._top[number])
        for transition, chain in chains.values():
            drawing.arrows.append(Arrow(transition=transition, points=self._points(chain)))
        for transition in scope.transitions:
            if transition.source == transition.target:
                number = 1 + [state.name for state in scope.states].index(transition.source)
                drawing.arrows.append(Arrow(transition=transition, points=self._loop(number)))
        return drawing

    def _points(self, chain: list[int]) -> list[tuple[float, float]]:
        """The line of an arrow: from the edge of one box, past the rows between, to the other."""
        source, *bends, target = chain
        down = self._row[source] < self._row[target]
        points = [self._side(source, lower=down)]
        if down:  # straight down beside a taller box of the same row
            points.append((self._x[source], self._bottom[source]))
        for node in bends:
            ends = [(self._x[node], self._top[node]), (self._x[node], self._bottom[node])]
            points += ends if down else ends[::-1]
        if not down:
            points.append((self._x[target], self._bottom[target]))
        points.append(self._side(target, lower=not down))
        return [point for point, _ in groupby(points)]

    def _side(self, node: int, *, lower: bool) -> tuple[float, float]:
        top = self._top[node]
        return self._x[node], top + self._heights[node] if lower else top

    def _loop(self, node: int) -> list[tuple[float, float]]:
        right = self._x[node] + self._widths[node] / 2
        top, middle = self._top[node] + 6, self._top[node] + self._heights[node] / 2
        return [(right, middle), (right + 12, middle), (right + 12, top), (right, top)]


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_CHARACTERS else text[: _MAX_CHARACTERS - 1] + "…"
