"""What the engine does in a second, beside Celery alone doing the same.

``python -m benchmarks.engine_rates``: server mode on the RabbitMQ, Redis and PostgreSQL of this
machine. Engine and Celery have one prefork worker of two processes each and take turns, so that a
busy machine slows both alike: the ratios mean more than the rates. Every figure is the median of
the rounds. The table goes into docs/performance.md.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from celery import Celery, chain, chord
from celery.result import AsyncResult

from benchmarks.document import DOCUMENT, markdown_table, put_section
from benchmarks.server_mode import both_workers
from tests.machines import call, each, only
from tests.platforms import Platform

MAX_ROUND = 300
"""Seconds after which a shape has failed."""

EXECUTIONS = 200
CHAINS, CHAIN_LENGTH = 20, 20
PASS_EXECUTIONS, PASS_STATES = 20, 100
MAPS = (1000, 5000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of work, done by both.

    Attributes:
        unit: What is counted.
        count, celery_count: How many of it one round does, and how many tasks Celery's does.
        engine: One round on the engine.
        celery: The same on Celery alone; its name is ``celery_name``.
    """

    name: str
    unit: str
    count: int
    celery_count: int
    engine: Callable[[Platform], None]
    celery_name: str
    celery: Callable[[Celery], None]
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"engine": [], "celery": []})

    @property
    def engine_rate(self) -> float:
        """Units per second, the median of the rounds."""
        return self.count / statistics.median(self.seconds["engine"])

    @property
    def celery_rate(self) -> float:
        """Tasks per second, the median of the rounds."""
        return self.celery_count / statistics.median(self.seconds["celery"])


def _executions(definition: Mapping[str, Any], value: Any, number: int) -> Callable[..., None]:
    """A round of so many executions, started one after another and awaited together."""

    def run(platform: Platform) -> None:
        for execution in [platform.start(definition, value) for _ in range(number)]:
            ended = platform.wait(execution, MAX_ROUND)
            if ended.status != "SUCCEEDED":
                raise RuntimeError(f"{execution.arn}: {ended.status} {ended.error} {ended.cause}")

    return run


def _sequence(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A machine of these states, one after another."""
    names = [f"State {number}" for number in range(len(states))]
    ways = [{"Next": following} for following in names[1:]] + [{"End": True}]
    return {
        "StartAt": names[0],
        "States": {
            name: {**state, **way} for name, state, way in zip(names, states, ways, strict=True)
        },
    }


def _value(app: Celery, result: AsyncResult) -> Any:
    """What a task returned; asked by its id alone, since Celery asks for all before it too."""
    return app.AsyncResult(result.id).get(timeout=MAX_ROUND)


def _round_trips(app: Celery) -> None:
    echo = app.tasks["benchmarks.bare_celery.echo"]
    for result in [echo.delay({"x": 1}) for _ in range(EXECUTIONS)]:
        _value(app, result)


def _chains(app: Celery) -> None:
    echo = app.tasks["benchmarks.bare_celery.echo"]
    chains = [
        chain(echo.s({"x": 1}), *(echo.s() for _ in range(CHAIN_LENGTH - 1))) for _ in range(CHAINS)
    ]
    for result in [one.apply_async() for one in chains]:
        _value(app, result)


def _chord(length: int) -> Callable[[Celery], None]:
    def run(app: Celery) -> None:
        echo = app.tasks["benchmarks.bare_celery.echo"]
        result = chord((echo.s(number) for number in range(length)), app=app)(echo.s())
        if len(_value(app, result)) != length:
            raise RuntimeError("the chord lost results")

    return run


def shapes() -> list[Shape]:
    """Everything that is measured."""
    task = {key: value for key, value in call("echo").items() if key != "End"}
    chain_of = f"chain of {CHAIN_LENGTH}"
    return [
        Shape(
            name="one Task state",
            unit="executions",
            count=EXECUTIONS,
            celery_count=EXECUTIONS,
            engine=_executions(only(call("echo")), {"x": 1}, EXECUTIONS),
            celery_name="task round trip",
            celery=_round_trips,
        ),
        Shape(
            name=f"{CHAIN_LENGTH} Task states in a row",
            unit="Task states",
            count=CHAINS * CHAIN_LENGTH,
            celery_count=CHAINS * CHAIN_LENGTH,
            engine=_executions(_sequence([task] * CHAIN_LENGTH), {"x": 1}, CHAINS),
            celery_name=chain_of,
            celery=_chains,
        ),
        Shape(
            name=f"{PASS_STATES} Pass states in a row",
            unit="Pass states",
            count=PASS_EXECUTIONS * PASS_STATES,
            celery_count=CHAINS * CHAIN_LENGTH,
            engine=_executions(
                _sequence([{"Type": "Pass"}] * PASS_STATES), {"x": 1}, PASS_EXECUTIONS
            ),
            celery_name=chain_of,
            celery=_chains,
        ),
        *(_map(length) for length in MAPS),
    ]


def _map(length: int) -> Shape:
    return Shape(
        name=f"Map of {length:,}, one Task state each",
        unit="items",
        count=length,
        celery_count=length,
        engine=_executions(only(each(only(call("echo")))), list(range(length)), 1),
        celery_name=f"chord of {length:,}",
        celery=_chord(length),
    )


def measure(platform: Platform, app: Celery, measured: Sequence[Shape], rounds: int) -> None:
    """Let both sides do each shape in turns; the first, unmeasured, warms them up."""
    _executions(only(call("echo")), {"x": 1}, 20)(platform)
    _round_trips(app)
    for shape in measured:
        for _ in range(rounds):
            shape.seconds["engine"].append(_seconds(shape.engine, platform))
            shape.seconds["celery"].append(_seconds(shape.celery, app))


def _seconds(run: Callable[[Any], None], side: Platform | Celery) -> float:
    began = time.perf_counter()
    run(side)
    return time.perf_counter() - began


def table(measured: Sequence[Shape]) -> str:
    """The rates side by side as Markdown."""
    rows = []
    for shape in measured:
        ratio = shape.engine_rate / shape.celery_rate
        cells = (
            shape.name,
            f"{shape.engine_rate:,.0f} {shape.unit}/s",
            shape.celery_name,
            f"{shape.celery_rate:,.0f} tasks/s",
            f"{ratio:.2f}",
        )
        rows.append(cells)
    return markdown_table(("engine", "rate", "Celery alone", "rate", "ratio"), rows)


def main() -> None:
    """Measure, print, and put the table into the documentation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each shape on each side")
    options = parser.parse_args()
    measured = shapes()
    with (
        tempfile.TemporaryDirectory() as directory,
        both_workers(Path(directory)) as (platform, app),
    ):
        measure(platform, app, measured, options.rounds)
    print(table(measured))
    put_section(DOCUMENT, "engine rates", table(measured))


if __name__ == "__main__":
    main()
