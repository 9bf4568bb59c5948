"""The two generations of the Smart StateBag side by side (Contract 12, "Performance table").

``make compare``: both standard machines, embedded, with the offline LLM; the generations take
turns, so that a busy machine slows both alike. Table and plot go into the documentation. It fails
if a measure that the contract asserts is missed; one that is only expected is said in the table.
"""

import argparse
import itertools
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.bar_chart import Pair, bar_chart
from benchmarks.document import DOCUMENT, markdown_table, put_section
from benchmarks.measures import Measured, Runs, evaluate
from benchmarks.runs import GENERATIONS, Run, laboratory
from tests.acceptance.workflows import chain14, par25

FIXTURES: Mapping[str, Callable[[], Any]] = {"chain14": chain14, "par25": par25}
PLOT = DOCUMENT.with_name("performance.svg")


def measure(executions: int) -> Runs:
    """Run every fixture so many times on each machine, after once for warmth."""
    runs: dict[str, dict[str, list[Run]]] = {
        fixture: {name: [] for name in GENERATIONS} for fixture in FIXTURES
    }
    with laboratory() as run:
        for fixture, workflow in FIXTURES.items():
            for code in GENERATIONS.values():
                run(code, workflow())
            # Legacy first, v3 first, in turn: neither always follows the other.
            orders = itertools.cycle([list(GENERATIONS.items()), list(GENERATIONS.items())[::-1]])
            for order in itertools.islice(orders, executions):
                for name, code in order:
                    runs[fixture][name].append(run(code, workflow()))
    return runs


def table(rows: Sequence[Measured]) -> str:
    """The figures as Markdown."""
    header = ("measure", "fixture", "legacy", "v3", "change", "expected", "reached")
    return markdown_table(header, [_cells(row) for row in rows])


def _cells(row: Measured) -> tuple[str, ...]:
    expected = row.expectation.change
    return (
        row.expectation.name,
        row.expectation.fixture or "the files",
        _figure(row, row.legacy, row.legacy_deviation),
        _figure(row, row.v3, row.v3_deviation),
        f"{100 * row.change:+.1f} %",
        "" if expected is None else f"{100 * expected:+.4g} %",
        "" if expected is None else ("yes" if row.is_reached else "**no**"),
    )


def _figure(row: Measured, mean: float, deviation: float = 0.0) -> str:
    text = f"{mean:,.4g}" if mean < 1000 else f"{mean:,.0f}"
    if round(deviation, 1):
        text += f" ± {deviation:,.2g}"
    return f"{text} {row.expectation.unit}".rstrip()


def plot(rows: Sequence[Measured]) -> str:
    """The figures as SVG."""
    pairs = [
        Pair(
            label=" ".join(filter(None, (row.expectation.name, row.expectation.fixture))),
            share=row.v3 / row.legacy,
            old=_figure(row, row.legacy),
            new=_figure(row, row.v3),
            expected=1 + row.expectation.change,
        )
        for row in rows
        if row.expectation.change is not None
    ]
    return bar_chart(
        "The v3 standard machine beside the legacy one", ("legacy (63 states)", "v3"), pairs
    )


def surroundings(executions: int) -> str:
    """A sentence on what was measured where."""
    return (
        f"{executions} executions of each, one at a time, on {platform.machine()} with "
        f"{os.cpu_count()} processors, Python {platform.python_version()}."
    )


def main() -> int:
    """Measure, print, and put table and plot into the documentation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executions", type=int, default=30, help="executions of each fixture")
    options = parser.parse_args()
    rows = evaluate(measure(options.executions))
    print(table(rows))
    put_section(DOCUMENT, "generations", f"{surroundings(options.executions)}\n\n{table(rows)}")
    PLOT.write_text(plot(rows))
    missed = [row.expectation.name for row in rows if not row.is_within_bound]
    if missed:
        print(f"The contract asserts more: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
