"""A drawing as SVG.

The template escapes every text, so a state named ``<script>`` is shown as it is named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.console.graphs.layout import Arrow, Drawing, lines_of
from pipeline.console.templating import template


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a drawing says about a state beyond its definition.

    Attributes:
        look: A class of the style sheet: ``succeeded``, ``running``, ``added``, ...
        text: A few words for the box: ``17 of 40``.
    """

    look: str
    text: str = ""


def svg(
    drawing: Drawing,
    marks: Mapping[str, Mark],
    *,
    link: Callable[[str], str] | None = None,
    selected: str | None = None,
    standalone: bool = False,
    removed: frozenset[tuple[str, str]] = frozenset(),
) -> Markup:
    """A drawing as an ``svg`` element.

    Args:
        drawing: The boxes and arrows.
        marks: By the names of states.
        link: Gives the address behind a state's box, or None.
        selected: Name of the state that is outlined, or None.
        standalone: Whether it is a file of its own, with its style in it.
        removed: Transitions that another version of the definition does not have any more.
    """
    return Markup(  # noqa: S704 - the template escapes
        template("graph.svg").render(
            drawing=drawing,
            marks=marks,
            link=link,
            selected=selected,
            standalone=standalone,
            removed=removed,
            lines_of=lines_of,
            path=_path,
        )
    )


def _path(arrow: Arrow) -> str:
    """The line of an arrow; its curved pieces leave and arrive vertically."""
    (x, y), *others = arrow.points
    pieces = [f"M{x:.1f},{y:.1f}"]
    for nx, ny in others:
        if abs(nx - x) < 1 or abs(ny - y) < 1:
            pieces.append(f"L{nx:.1f},{ny:.1f}")
        else:
            middle = (y + ny) / 2
            pieces.append(f"C{x:.1f},{middle:.1f} {nx:.1f},{middle:.1f} {nx:.1f},{ny:.1f}")
        x, y = nx, ny
    return "".join(pieces)
