"""The report of ``statebag run``: the execution's status, its output, and how to see the rest."""

import json
from typing import Any

from rich.table import Table
from rich.text import Text

from pipeline.command_line.consoles import messages, results
from pipeline.command_line.durations import duration
from pipeline.engine.engine import Engine
from pipeline.language.json_value import Json
from pipeline.ledger.rows import ExecutionRow

_MAX_SHOWN = 60
"""Lines of output shown on a terminal; a file or a pipe gets them all."""


def report(engine: Engine, row: ExecutionRow) -> None:
    """Print how an execution ended."""
    took = (row.stopped_at or row.started_at) - row.started_at
    messages.print(f"{row.status} in {duration(took)}")
    if row.output is not None:
        _print_output(engine.payloads.unpack(row.output), row)
    if row.error:
        messages.print(f"Error: {row.error}")
    if row.cause:
        messages.print(f"Cause: {row.cause}")
    messages.print(f"History: statebag history {row.name}")
    messages.print(f"Objects: {engine.payloads.store.uri(f'executions/{row.id}')}")


def _print_output(output: Json, row: ExecutionRow) -> None:
    if isinstance(output, dict) and _is_table(output.get("table")):
        _print_table(output["table"])
        return
    lines = json.dumps(output, indent=2, ensure_ascii=False).splitlines()
    shown = lines[:_MAX_SHOWN] if results.is_terminal else lines
    results.out("\n".join(shown))
    if len(shown) < len(lines):
        messages.print(
            f"… {len(lines) - len(shown)} more lines; statebag history {row.name} --json "
            f"prints all of them in its last event"
        )


def _is_table(value: Json) -> bool:
    """Whether a value is a table for people: ``columns`` and ``rows``, a title and notes if any."""
    if not isinstance(value, dict):
        return False
    columns, rows, notes = value.get("columns"), value.get("rows"), value.get("notes", [])
    return (
        isinstance(columns, list)
        and isinstance(rows, list)
        and isinstance(notes, list)
        and all(isinstance(row, list) and len(row) == len(columns) for row in rows)
    )


def _print_table(value: Any) -> None:
    table = Table(title=value.get("title"), title_justify="left")
    for number, heading in enumerate(value["columns"]):
        numeric = all(_is_number(row[number]) for row in value["rows"])
        table.add_column(Text(str(heading)), justify="right" if numeric else "left")
    for row in value["rows"]:
        table.add_row(*(Text(_cell(cell)) for cell in row))
    results.print(table, soft_wrap=False)
    for note in value.get("notes", []):
        results.print(str(note))


def _cell(value: Json) -> str:
    if _is_number(value):
        return f"{value:,}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
