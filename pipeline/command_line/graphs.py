"""``statebag graph`` and ``statebag diff``."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.command_line.consoles import results
from pipeline.command_line.documents import read_definition
from pipeline.console.graphs.definition_difference import (
    DefinitionDifference,
    definition_difference,
)
from pipeline.console.graphs.graph import graph_of
from pipeline.console.graphs.layout import draw
from pipeline.console.graphs.mermaid import mermaid
from pipeline.console.graphs.svg import svg
from pipeline.console.json_difference import Change, Difference
from pipeline.integrations.services.definition_checks import checked_definition

_DIFFERENT = 1
_SIGNS = {Change.ADDED: "+", Change.REMOVED: "-", Change.CHANGED: "~"}
_MAX_VALUE = 100


def graph(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The definition.")],
    as_mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Write a Mermaid flowchart instead of SVG.")
    ] = False,
) -> None:
    """Write the graph of a definition to standard output, as SVG."""
    drawn = graph_of(_checked(file))
    results.out(
        mermaid(drawn) if as_mermaid else svg(draw(drawn), {}, standalone=True), highlight=False
    )


def diff(
    old: Annotated[Path, typer.Argument(metavar="A", help="The older definition.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="The newer definition.")],
    as_svg: Annotated[
        bool, typer.Option("--svg", help="Write the coloured graph of both as SVG.")
    ] = False,
) -> None:
    """Show how definition B differs from A, state by state.

    Exit codes: 0 no difference; 1 differences; 2 invalid file.
    """
    found = definition_difference(_checked(old), _checked(new))
    if as_svg:
        picture = svg(draw(found.graph), found.marks, standalone=True, removed=found.removed)
        results.out(picture, highlight=False)
    else:
        _print(found)
    raise typer.Exit(0 if found.is_empty else _DIFFERENT)


def _checked(file: Path) -> Any:
    text = read_definition(file)
    checked_definition(text)
    return json.loads(text)


def _print(found: DefinitionDifference) -> None:
    for line in map(_line, found.fields.get("", [])):
        results.out(line.strip(), highlight=False)
    for name, change in found.states.items():
        results.out(f"{_SIGNS[change]} {name}", highlight=False)
        for difference in found.fields.get(name, []):
            results.out(_line(difference), highlight=False)


def _line(difference: Difference) -> str:
    old, new = _short(difference.old), _short(difference.new)
    values = {
        Change.ADDED: f": {new}",
        Change.REMOVED: f": {old}",
        Change.CHANGED: f": {old} → {new}",
    }[difference.change]
    return f"    {_SIGNS[difference.change]} {difference.path}{values}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else text[: _MAX_VALUE - 1] + "…"
