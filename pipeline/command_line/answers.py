"""Printing the API's answers, for people and as JSON."""

import json
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from pipeline.command_line.consoles import messages, results

SUCCEEDED, NOT_SUCCEEDED = 0, 1


def print_json(answer: Any) -> None:
    """Print an answer as the API gives it; times in ISO 8601."""
    if isinstance(answer, dict):
        answer = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    results.out(json.dumps(answer, indent=2, ensure_ascii=False, default=_as_json))


def _as_json(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def table(*headings: str) -> Table:
    """A plain table whose last column wraps."""
    made = Table(box=None, pad_edge=False)
    for heading in headings[:-1]:
        made.add_column(heading, no_wrap=True)
    made.add_column(headings[-1], overflow="fold")
    return made


def print_fields(answer: dict[str, Any]) -> None:
    """Print the members of an answer below each other."""
    fields = table("", "")
    fields.show_header = False
    for name, value in answer.items():
        if name != "ResponseMetadata":
            fields.add_row(Text(name), Text(_shown(value)))
    results.print(fields, soft_wrap=False)


def print_end(execution: dict[str, Any]) -> None:
    """Print how an execution ended."""
    messages.print(str(execution["status"]))
    if "output" in execution:
        results.out(_pretty(execution["output"]))
    for name in ("error", "cause"):
        if execution.get(name):
            messages.print(f"{name.capitalize()}: {execution[name]}")


def exit_code(execution: dict[str, Any]) -> int:
    """The exit code of a command that waited for the end of an execution."""
    return SUCCEEDED if execution["status"] == "SUCCEEDED" else NOT_SUCCEEDED


def local_time(moment: datetime) -> str:
    """A time in the local time zone."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return local_time(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_as_json)
    return _pretty(value) if isinstance(value, str) else str(value)


def _pretty(text: str) -> str:
    """A JSON object or array, indented; any other text unchanged."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return text
    return json.dumps(value, indent=2, ensure_ascii=False)
