"""Printing a review: the report, the history of its segments, its stored objects."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from rich.table import Table
from rich.text import Text

from pipeline.command_line.consoles import messages, results
from tasks.samples.document_review.outcome import Outcome, StoredAt
from tasks.smart_statebag.bag.json_value import JsonObject

_HASH_DIGITS = 12
_MAX_CONTENT = 60


def print_findings(findings: list[JsonObject]) -> None:
    """Print the findings that a reviewer decides on."""
    messages.print("The findings:")
    for finding in findings:
        messages.print(f"  {finding.get('title')}: {finding.get('words')} words")
        messages.print(f"    {finding.get('summary')}")


def print_outcome(outcome: Outcome) -> None:
    """The report to standard output, the history and the objects below it."""
    if outcome.report is not None:
        results.print(outcome.report)
        results.print()
    _print_history(outcome.history)
    results.print()
    _print_objects(outcome)


def _print_history(history: list[JsonObject]) -> None:
    """One line for consecutive nodes of one segment, type and status."""
    repeated = len(history) - len({entry.get("id") for entry in history})
    results.print(f"Segment history: {len(history)} entries, {repeated} repeated")
    table = _table("time", "kind", "nodes", "status", "content")
    for _, entries in groupby(history, key=_kind_of_entry):
        table.add_row(*map(Text, _cells(list(entries))))
    results.print(table, soft_wrap=False)


def _kind_of_entry(entry: JsonObject) -> tuple[object, ...]:
    return entry.get("segment"), entry.get("type"), entry.get("status")


def _cells(entries: list[JsonObject]) -> tuple[str, ...]:
    first, last = entries[0], entries[-1]
    moment: Any = first.get("timestamp") or 0
    between = {1: "", 2: ", "}.get(len(entries), f", … {len(entries) - 2} …, ")
    ends = [str(first.get("node_id"))] + [str(last.get("node_id"))] * (len(entries) > 1)
    content = " ".join(str(first.get("content") or "").split())
    return (
        f"{datetime.fromtimestamp(moment, UTC):%H:%M:%S.%f}"[:-3],
        str(first.get("type")),
        between.join(ends),
        str(first.get("status")),
        content if len(content) <= _MAX_CONTENT else f"{content[: _MAX_CONTENT - 1]}…",
    )


def _print_objects(outcome: Outcome) -> None:
    total = sum(stored.size_bytes for stored in outcome.objects)
    results.print(f"{len(outcome.objects)} objects, {total:,} bytes, below {outcome.prefix}")
    table = _table("object", "bytes")
    table.columns[1].justify = "right"
    for stored in outcome.objects:
        table.add_row(Text(_shortened(stored)), f"{stored.size_bytes:,}")
    results.print(table, soft_wrap=False)


def _shortened(stored: StoredAt) -> str:
    directory, _, name = stored.key.rpartition("/")
    digest, dot, suffix = name.partition(".")
    short = f"{digest[:_HASH_DIGITS]}…" if len(digest) > _HASH_DIGITS else digest
    return f"{directory}/{short}{dot}{suffix}" if directory else f"{short}{dot}{suffix}"


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True, overflow="ellipsis")
    return table
