"""The measures of the two generations' comparison, and what is expected of each (Contract 12)."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.runs import GENERATIONS, Run
from tests.acceptance.state_machine_documents import places

Runs = Mapping[str, Mapping[str, Sequence[Run]]]
"""The runs of each fixture by generation."""

Unit = Literal["", "ms", "KB"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One row of the contract's table.

    Attributes:
        fixture: The workflow that it is measured with; None where the files alone tell.
        of: What one run contributes.
        change: The change from legacy to v3 that is expected, -1 being the whole; None where the
            contract names none and the figure is there to be known.
        asserted: The change without which the comparison fails; None where a miss is only said.
    """

    name: str
    fixture: str | None
    of: Callable[[Run], float]
    unit: Unit = ""
    change: float | None = None
    asserted: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A row with its figures.

    Attributes:
        legacy, v3: Means.
        legacy_deviation, v3_deviation: Standard deviations of single runs.
        change_error: Standard error of the change, from the differences of runs that followed
            each other, so that a machine that is busy at times does not count.
    """

    expectation: Expectation
    legacy: float
    v3: float
    legacy_deviation: float = 0.0
    v3_deviation: float = 0.0
    change_error: float = 0.0

    @property
    def change(self) -> float:
        """From legacy to v3, in parts of legacy."""
        return self.v3 / self.legacy - 1 if self.legacy else 0.0

    @property
    def is_reached(self) -> bool:
        """Whether v3 is as much better as expected."""
        return self._changes_by(self.expectation.change)

    @property
    def is_as_asserted(self) -> bool:
        """Whether v3 is as much better as the contract asserts."""
        return self._changes_by(self.expectation.asserted)

    def _changes_by(self, change: float | None) -> bool:
        """Whether the change goes as far, to the digit that is shown."""
        return change is None or round(self.change, 3) <= change


UNCACHED = "par25, cache off"
"""The runs of par25 without the cache of v3."""

OVER_S3 = "par25, S3 over HTTP"
"""The runs of par25 with a bucket that is asked over HTTP."""

STATES = Expectation(
    name="states",
    fixture=None,
    of=lambda _: 0.0,
    change=-0.317,
    asserted=-0.317,
)

EXPECTATIONS = (
    Expectation(
        name="mean execution time",
        fixture="chain14",
        of=lambda run: 1e3 * run.seconds,
        unit="ms",
        change=-0.10,
    ),
    Expectation(
        name="mean execution time",
        fixture="par25",
        of=lambda run: 1e3 * run.seconds,
        unit="ms",
        change=-0.10,
    ),
    Expectation(
        name="mean execution time",
        fixture=OVER_S3,
        of=lambda run: 1e3 * run.seconds,
        unit="ms",
    ),
    Expectation(name="S3 GETs", fixture="chain14", of=lambda run: run.gets),
    Expectation(
        name="S3 GETs", fixture="par25", of=lambda run: run.gets, change=-0.30, asserted=-0.001
    ),
    Expectation(name="S3 GETs", fixture=UNCACHED, of=lambda run: run.gets),
    Expectation(
        name="event history",
        fixture="chain14",
        of=lambda run: run.history_bytes / 1024,
        unit="KB",
        change=-0.20,
    ),
    Expectation(
        name="event history",
        fixture="par25",
        of=lambda run: run.history_bytes / 1024,
        unit="KB",
    ),
    Expectation(
        name="duplicate log entries",
        fixture="chain14",
        of=lambda run: run.duplicates,
        change=-1.0,
        asserted=-1.0,
    ),
    Expectation(
        name="calls of functions and services", fixture="chain14", of=lambda run: run.calls
    ),
    Expectation(name="calls of functions and services", fixture="par25", of=lambda run: run.calls),
)


def evaluate(runs: Runs) -> list[Measured]:
    """Every row of the table."""
    counts = {name: float(len(places(code))) for name, code in GENERATIONS.items()}
    return [
        Measured(expectation=STATES, legacy=counts["legacy"], v3=counts["v3"]),
        *(_measured(expectation, runs) for expectation in EXPECTATIONS),
    ]


def _measured(expectation: Expectation, runs: Runs) -> Measured:
    by_generation = runs[str(expectation.fixture)]
    legacy, v3 = ([expectation.of(run) for run in by_generation[name]] for name in GENERATIONS)
    differences = [after - before for before, after in zip(legacy, v3, strict=True)]
    error = statistics.pstdev(differences) / math.sqrt(len(differences))
    return Measured(
        expectation=expectation,
        legacy=statistics.fmean(legacy),
        v3=statistics.fmean(v3),
        legacy_deviation=statistics.pstdev(legacy),
        v3_deviation=statistics.pstdev(v3),
        change_error=error / statistics.fmean(legacy),
    )
