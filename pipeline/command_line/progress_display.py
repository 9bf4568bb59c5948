"""The progress of an execution on a terminal, or as plain lines where there is none."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from pipeline.command_line.durations import duration
from pipeline.executions.progress import Progress
from pipeline.ledger.progress import FanOutProgress
from pipeline.ledger.rows import ExecutionRow

Show = Callable[[Progress], None]

_SECONDS_BETWEEN_LINES = 2.0
_BAR_WIDTH = 30
_STATES_NAMED = 5


@contextmanager
def progress_display(console: Console) -> Iterator[Show]:
    """Gives the function that shows each progress report."""
    if not console.is_terminal:
        yield _plain_lines(console)
        return
    spinner = Spinner("dots")
    with Live(console=console, auto_refresh=False) as live:

        def show(progress: Progress) -> None:
            live.update(_picture(progress, spinner), refresh=True)

        yield show


def _picture(progress: Progress, spinner: Spinner) -> RenderableType:
    row = progress.execution
    heading = Table.grid(padding=(0, 1))
    heading.add_row(
        " " if progress.has_ended else spinner,
        Text(f"{row.machine_name} {row.name}", style="bold"),
        Text(f"{row.status}, {duration(_elapsed(row))}"),
    )
    return Group(heading, _line_of_text(f"  {_states(progress)}"), _bars(progress.fan_outs))


def _line_of_text(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="ellipsis")


def _bars(fan_outs: list[FanOutProgress]) -> Table:
    bars = Table.grid(padding=(0, 2))
    for fan_out in fan_outs:
        bars.add_row(
            Text(f"  {fan_out.state}"),
            ProgressBar(
                total=max(fan_out.total or 0, 1),
                completed=fan_out.ended,
                width=_BAR_WIDTH,
                # Colours that any terminal has.
                style="bright_black",
                complete_style="green",
                finished_style="green",
            ),
            Text(_count(fan_out)),
        )
    return bars


def _plain_lines(console: Console) -> Show:
    """Print a line when the progress has changed, at most every two seconds."""
    last, printed_at = "", 0.0

    def show(progress: Progress) -> None:
        nonlocal last, printed_at
        now = time.monotonic()
        line = "; ".join([_states(progress), *map(_line, progress.fan_outs)])
        is_time = progress.has_ended or now - printed_at >= _SECONDS_BETWEEN_LINES
        if line != last and is_time:
            console.print(f"{duration(_elapsed(progress.execution)):>8}  {line}")
            last, printed_at = line, now

    return show


def _line(fan_out: FanOutProgress) -> str:
    return f"{fan_out.state}: {_count(fan_out)}"


def _count(fan_out: FanOutProgress) -> str:
    return f"{fan_out.ended} of {'?' if fan_out.total is None else fan_out.total}"


def _states(progress: Progress) -> str:
    """The number of states entered, and the names of the last ones."""
    entered = progress.entered
    named = [
        name if times == 1 else f"{name} ×{times}"  # noqa: RUF001 - the sign of multiplication
        for name, times in list(entered.items())[-_STATES_NAMED:]
    ]
    ellipsis = ["…"] if len(entered) > _STATES_NAMED else []
    count = entered.total()
    return f"{count} {'state' if count == 1 else 'states'} entered: " + ", ".join(ellipsis + named)


def _elapsed(row: ExecutionRow) -> float:
    return (row.stopped_at or time.time()) - row.started_at
