"""The two generations of the Smart StateBag side by side (Contract 12, "Performance table").

``make compare``: both standard machines, embedded, with the offline LLM; the generations take
turns, so that a busy machine slows both alike. Table and plot go into the documentation. It fails
if a measure that the contract asserts is missed; one that is only expected is said in the table.
"""

import argparse
import math
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unittest.mock import patch

from benchmarks.bar_chart import Pair, bar_chart
from benchmarks.document import DOCUMENT, markdown_table, put_section
from benchmarks.measures import OVER_S3, UNCACHED, Measured, Runs, evaluate
from benchmarks.runs import GENERATIONS, Run, RunWorkflow, laboratory, s3_laboratory
from tasks.smart_statebag.bag.state_bucket import CACHE_ENTRIES
from tests.acceptance.workflows import chain14, par25

FIXTURES: Mapping[str, Callable[[], Any]] = {"chain14": chain14, "par25": par25}
PLOT = DOCUMENT.with_name("performance.svg")


def measure(executions: int) -> Runs:
    """Run every fixture so many times on each machine; par25 also in other surroundings."""
    with laboratory() as run:
        runs = {name: _in_turns(run, make(), executions) for name, make in FIXTURES.items()}
        with patch.dict(os.environ, {CACHE_ENTRIES: "0"}):
            runs[UNCACHED] = {name: [run(code, par25())] for name, code in GENERATIONS.items()}
    with s3_laboratory() as run:
        runs[OVER_S3] = _in_turns(run, par25(), math.ceil(executions / 3))
    return runs


def _in_turns(run: RunWorkflow, workflow: Any, executions: int) -> dict[str, list[Run]]:
    """The runs of each generation, after one for warmth."""
    runs: dict[str, list[Run]] = {name: [] for name in GENERATIONS}
    for code in GENERATIONS.values():
        run(code, workflow)
    for number in range(executions):
        # Neither always follows the other.
        for name in sorted(GENERATIONS, reverse=number % 2 == 1):
            runs[name].append(run(GENERATIONS[name], workflow))
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
        _change(row),
        "" if expected is None else f"{100 * expected:+.4g} %",
        "" if expected is None else ("yes" if row.is_reached else "**no**"),
    )


def _change(row: Measured) -> str:
    error = f" ± {100 * row.change_error:.1f}" if row.change_error >= 0.001 else ""
    return f"{100 * row.change:+.1f}{error} %"


def _figure(row: Measured, mean: float, deviation: float = 0.0) -> str:
    decimals = 0 if mean >= 100 or mean.is_integer() else 1
    text = f"{mean:,.{decimals}f}"
    if deviation > mean / 100:
        text += f" ± {deviation:,.{decimals}f}"
    return f"{text} {row.expectation.unit}".rstrip()


def plot(rows: Sequence[Measured]) -> str:
    """The figures as SVG."""
    pairs = [
        Pair(
            label=" ".join(filter(None, (row.expectation.name, row.expectation.fixture))),
            share=1 + row.change,
            old=_figure(row, row.legacy),
            new=_figure(row, row.v3),
            expected=1 + row.expectation.change,
        )
        for row in rows
        if row.expectation.change is not None
    ]
    return bar_chart("The v3 standard machine beside the legacy one", ("legacy", "v3"), pairs)


def surroundings(executions: int) -> str:
    """A sentence on what was measured where."""
    machine = f"{platform.machine()} with {os.cpu_count()} processors"
    return (
        f"{executions} executions of each (with S3 a third), one at a time, on {machine}, "
        f"Python {platform.python_version()}."
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
    missed = [row.expectation.name for row in rows if not row.is_as_asserted]
    if missed:
        print(f"The contract asserts more: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
