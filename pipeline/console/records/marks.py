"""The marks of a graph: how the visits of each state stand."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from pipeline.console.graphs.svg import Mark
from pipeline.console.records.record import Record
from pipeline.console.records.visits import ORDER, Look
from pipeline.ledger.progress import FanOutProgress

_WORDS = {
    Look.RUNNING: "running",
    Look.FAILED: "failed",
    Look.CAUGHT: "caught",
    Look.ABORTED: "stopped",
    Look.SUCCEEDED: "done",
}


def marks_of(
    record: Record,
    fan_outs: Iterable[FanOutProgress],
    *,
    is_over: bool,
    waiting: Collection[str] = (),
) -> dict[str, Mark]:
    """The mark of each state that was entered.

    Args:
        record: The execution's record.
        fan_outs: How many children of each Parallel and Map state have ended.
        is_over: Whether the execution has ended: what it left open was stopped.
        waiting: Names of the states that wait for the answer to a task token.
    """
    progress = {each.state: each for each in fan_outs}
    marks = {}
    for state, visits in record.by_state.items():
        looks = Counter(look_now(visit.look, is_over=is_over) for visit in visits)
        fan_out = progress.get(state)
        text = _of_children(fan_out) if fan_out else _of_visits(looks)
        is_waiting = state in waiting and looks[Look.RUNNING]
        marks[state] = Mark(look="waiting" if is_waiting else _worst(looks), text=text)
    return marks


def look_now(look: Look, *, is_over: bool) -> Look:
    """How a visit stands, given whether its execution has ended."""
    return Look.ABORTED if is_over and look is Look.RUNNING else look


def summary(looks: Mapping[Look, int]) -> str:
    """``3 running, 1 failed, 36 done``."""
    return ", ".join(f"{looks[look]} {_WORDS[look]}" for look in ORDER if looks.get(look))


def _worst(looks: Counter[Look]) -> str:
    if looks[Look.RUNNING]:
        return Look.RUNNING
    return next(look for look in ORDER if looks[look])


def _of_visits(looks: Counter[Look]) -> str:
    return summary(looks) if looks.total() > 1 else ""


def _of_children(fan_out: FanOutProgress) -> str:
    total = "?" if fan_out.total is None else f"{fan_out.total:,}"
    return f"{fan_out.ended:,} of {total}"
