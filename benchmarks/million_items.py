"""A distributed Map over a file of JSON lines: what an item costs, and how much memory, by length.

``python -m benchmarks.million_items``: each length in a process of its own, embedded, on a SQLite
ledger, with directories in place of S3. Every child is a Pass state, and a ResultWriter writes all
results. The time per item should not grow with the number of items, and the memory hardly. The
table goes into docs/performance.md.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.document import DOCUMENT, markdown_table, put_section
from pipeline.ledger.fan_outs import fan_outs_of_execution
from pipeline.map_runs.buckets.opening import open_bucket
from tests.machines import distributed, each, only
from tests.platforms import Platform, embedded_platform

LENGTHS = (10_000, 1_000_000, 10_000)
"""The short one before and after the long one, which a machine does not spend in one mood."""

MAX_SECONDS_PER_ITEM = 0.1
"""Time after which an execution is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one execution took.

    Attributes:
        reading, running: Seconds from the start until the items were stored, and from then to the
            end of the execution.
        processor: Seconds of processor time in all, which other programs do not disturb as much.
        resident: Most bytes that the process has ever had in memory.
    """

    length: int
    reading: float
    running: float
    processor: float
    resident: int

    @property
    def per_item(self) -> float:
        """Seconds."""
        return (self.reading + self.running) / self.length


def machine() -> dict[str, Any]:
    """A distributed Map from one object of S3 to others."""
    place = {"Bucket.$": "$.bucket"}
    return only(
        each(
            distributed({"Type": "Pass", "End": True}),
            ItemReader={
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSONL"},
                "Parameters": {**place, "Key.$": "$.key"},
            },
            ResultWriter={
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {**place, "Prefix": "results"},
            },
        )
    )


def measure(length: int) -> Measured:
    """Run one execution over so many lines in this process."""
    with (
        tempfile.TemporaryDirectory() as directory,
        embedded_platform(Path(directory)) as platform,
    ):
        source = _write_lines(platform, Path(directory) / "lines", length)
        began, busy = time.monotonic(), time.process_time()
        execution = platform.start(machine(), source)
        platform.until(lambda: _is_read(platform, execution.id), length * MAX_SECONDS_PER_ITEM)
        read = time.monotonic()
        ended = platform.wait(execution, length * MAX_SECONDS_PER_ITEM)
        if ended.status != "SUCCEEDED":
            raise RuntimeError(f"{ended.status} {ended.error} {ended.cause}")
        return Measured(
            length=length,
            reading=read - began,
            running=time.monotonic() - read,
            processor=time.process_time() - busy,
            resident=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        )


def _write_lines(platform: Platform, file: Path, length: int) -> dict[str, str]:
    with file.open("wb") as lines:
        for number in range(length):
            order = {"order": number, "customer": f"customer {number % 977}", "lines": [1, 2, 3]}
            lines.write(json.dumps(order).encode() + b"\n")
    bucket = open_bucket("items", platform.engine.settings.s3_directory)
    with file.open("rb") as lines:
        bucket.put_file("orders.jsonl", lines)
    return {"bucket": "items", "key": "orders.jsonl"}


def _is_read(platform: Platform, execution_id: str) -> bool:
    with platform.engine.database.reading() as connection:
        found = fan_outs_of_execution(connection, execution_id)
    return bool(found) and found[0].is_read


def table(measured: Sequence[Measured]) -> str:
    """The figures as Markdown."""
    shortest = min(one.length for one in measured)
    usual = statistics.fmean(one.per_item for one in measured if one.length == shortest)
    rows = [
        (
            f"{one.length:,}",
            f"{one.reading:,.1f} s",
            f"{one.running:,.1f} s",
            f"{1e3 * one.per_item:.2f} ms",
            f"{one.per_item / usual:.2f}",
            f"{1e3 * one.processor / one.length:.2f} ms",
            f"{one.resident / 1e6:,.0f} MB",
        )
        for one in measured
    ]
    times = ("reading", "running, writing", "an item", "ratio", "processor time of it")
    return markdown_table(("items", *times, "memory at most"), rows)


def main() -> None:
    """Measure, print, and put the table into the documentation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lengths", type=int, nargs="*", default=LENGTHS, help="numbers of items")
    parser.add_argument("--dry", action="store_true", help="leave the documentation as it is")
    options = parser.parse_args()
    measured = []
    for length in options.lengths:
        # A process that has done nothing before, so that its memory is that of this execution.
        with multiprocessing.get_context("spawn").Pool(1) as processes:
            measured.append(processes.apply(measure, (length,)))
        print(table(measured), flush=True)
    if not options.dry:
        put_section(DOCUMENT, "million items", table(measured))


if __name__ == "__main__":
    main()
