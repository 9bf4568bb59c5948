"""A chart of horizontal pairs of bars as SVG: how much of the old is left with the new."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

WIDTH = 760
LABELS = 250
"""Where the bars begin, to the right of their labels."""
FULL = 400
"""Length of a bar of 100 %."""
TOP = 64
ROW = 44
BAR = 14

OLD_COLOUR, NEW_COLOUR, INK, PAPER = "#9aa5b1", "#1f6feb", "#24292f", "#ffffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two bars below each other.

    Attributes:
        share: The new in parts of the old, whose bar is always whole.
        old, new: What stands at the end of each bar.
        expected: Where the new should end, in parts of the old; None without such a mark.
    """

    label: str
    share: float
    old: str
    new: str
    expected: float | None


def bar_chart(title: str, names: tuple[str, str], pairs: Sequence[Pair]) -> str:
    """The chart as SVG text.

    Args:
        names: Of the old and of the new.
    """
    height = TOP + ROW * len(pairs) + 28
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {height}",
            "font-family": "sans-serif",
            "font-size": "12",
            "fill": INK,
        },
    )
    SubElement(svg, "title").text = title
    _rectangle(svg, (0, 0), (WIDTH, height), PAPER)
    _text(svg, 16, 24, title, weight="bold")
    _legend(svg, names)
    for number, pair in enumerate(pairs):
        _pair(svg, TOP + ROW * number, pair)
    _text(svg, LABELS, height - 12, "The line marks what was expected.")
    indent(svg)
    return f"{tostring(svg, encoding='unicode')}\n"


def _legend(svg: Element, names: tuple[str, str]) -> None:
    for x, name, colour in zip(
        (LABELS, LABELS + 170), names, (OLD_COLOUR, NEW_COLOUR), strict=True
    ):
        _rectangle(svg, (x, 36), (BAR, BAR), colour)
        _text(svg, x + BAR + 6, 47, name)


def _pair(svg: Element, y: int, pair: Pair) -> None:
    _text(svg, LABELS - 12, y + BAR + 4, pair.label, anchor="end")
    bars = ((y, 1.0, OLD_COLOUR, pair.old), (y + BAR + 2, pair.share, NEW_COLOUR, pair.new))
    for top, share, colour, figure in bars:
        _rectangle(svg, (LABELS, top), (FULL * share, BAR), colour)
        _text(svg, LABELS + FULL * share + 6, top + BAR - 3, figure)
    if pair.expected is not None:
        x = f"{LABELS + FULL * pair.expected:.1f}"
        line = {"x1": x, "x2": x, "y1": str(y + BAR), "y2": str(y + 2 * BAR + 4)}
        SubElement(svg, "line", {**line, "stroke": INK, "stroke-width": "2"})


def _rectangle(
    svg: Element, place: tuple[float, float], size: tuple[float, float], fill: str
) -> None:
    box = dict(zip(("x", "y", "width", "height"), place + size, strict=True))
    SubElement(svg, "rect", {**{name: f"{value:g}" for name, value in box.items()}, "fill": fill})


def _text(
    svg: Element, x: float, y: float, content: str, *, anchor: str = "start", weight: str = "normal"
) -> None:
    place = {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": anchor, "font-weight": weight}
    SubElement(svg, "text", place).text = content
