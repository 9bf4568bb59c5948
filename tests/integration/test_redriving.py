"""Redriven executions on running workers, embedded and in server mode."""

import threading
from pathlib import Path
from typing import Any

import pytest

from pipeline.executions.lifecycle import find_execution, stop_execution
from pipeline.executions.redriving import ExecutionNotRedrivable, redrive
from tests.contract.ledgers import at_once
from tests.machines import call, chosen_by, distributed, each, only, side_by_side
from tests.platforms import Ended, Platform


def redriven(platform: Platform, definition: Any, given: Any) -> Ended:
    """What an execution that fails comes to when it is redriven."""
    execution = platform.start(definition, given)
    assert platform.wait(execution).status == "FAILED"
    redrive(platform.engine, find_execution(platform.engine, execution.arn))
    return platform.wait(execution)


def attempts(platform: Platform, name: str, wanted: int) -> dict[str, Any]:
    """Input with which ``fail-first`` fails but the last of so many times."""
    return {"log": str(platform.path(name)), "attempts": wanted}


def count(given: dict[str, Any]) -> int:
    return len(Path(given["log"]).read_text().splitlines())


def test_branches_and_iterations_go_on_where_they_failed(platform: Platform) -> None:
    good, bad = attempts(platform, "good", 1), attempts(platform, "bad", 2)
    inner = only(each(only(call("fail-first")), MaxConcurrency=2))
    outer = each(only(side_by_side(inner)), MaxConcurrency=1)
    ended = redriven(platform, only(outer), [[good], [bad, good, good, good], [good]])
    assert ended.status == "SUCCEEDED"
    assert [len(branches[0]) for branches in ended.output] == [1, 4, 1]
    assert ended.output[1][0][0] == 2
    assert count(bad) == 2


def test_a_map_run_goes_on_where_it_failed(platform: Platform) -> None:
    good, bad = attempts(platform, "good", 1), attempts(platform, "bad", 2)
    state = each(distributed(call("fail-first")), MaxConcurrency=1)
    ended = redriven(platform, only(state), [good, bad, good, good])
    assert ended.status == "SUCCEEDED"
    assert len(ended.output) == 4
    assert ended.output[1] == 2
    assert count(bad) == 2


def test_no_more_iterations_run_at_once_than_may(platform: Platform) -> None:
    bad = attempts(platform, "bad", 2)
    # It holds its lane until the redrive, so that no call of the first attempt is in the crowd.
    held = {"gate": str(platform.path("gate")), "log": str(platform.path("held"))}
    crowd = {"counter": str(platform.path("counter")), "wanted": 2}
    state = each(
        chosen_by(
            {"$.gate": call("hold"), "$.log": call("fail-first"), "$.counter": call("crowd")}
        ),
        MaxConcurrency=2,
    )
    execution = platform.start(only(state), [bad, held, *[crowd] * 6])
    assert platform.wait(execution).status == "FAILED"
    Path(held["gate"]).touch()
    redrive(platform.engine, find_execution(platform.engine, execution.arn))
    ended = platform.wait(execution)
    assert ended.status == "SUCCEEDED"
    assert max(ended.output[2:]) == 2


@pytest.mark.parametrize("processor", [only, distributed])
def test_no_iteration_starts_after_one_has_failed(platform: Platform, processor: Any) -> None:
    bad, late = attempts(platform, "bad", 2), attempts(platform, "late", 1)
    state = each(processor(call("fail-first")), MaxConcurrency=1)
    execution = platform.start(only(state), [bad, *[late] * 6])
    assert platform.wait(execution).status == "FAILED"
    assert not Path(late["log"]).exists()
    redrive(platform.engine, find_execution(platform.engine, execution.arn))
    assert platform.wait(execution).output == [2, *range(1, 7)]


def test_what_was_stopped_goes_on(platform: Platform) -> None:
    gate, log = platform.path("gate"), platform.path("log")
    state = side_by_side(only(call("hold")), only({"Type": "Wait", "Seconds": 1, "End": True}))
    execution = platform.start(only(state), {"gate": str(gate), "log": str(log)})
    platform.read(log)
    stop_execution(platform.engine, execution.arn)
    redrive(platform.engine, find_execution(platform.engine, execution.arn))
    # The call that was stopped ends later than the one that has taken its place has begun.
    platform.until(lambda: log.read_text().count("begun") == 2)
    gate.touch()
    ended = platform.wait(execution)
    assert (ended.status, ended.output[0]) == ("SUCCEEDED", "let go")
    platform.until(lambda: log.read_text().count("ended") == 2)
    assert platform.types(execution).count("TaskStateExited") == 1


def test_of_redrives_at_once_one_is_made(platform: Platform) -> None:
    execution = platform.start(only({"Type": "Fail", "Error": "Broken"}))
    platform.wait(execution)
    row, refused = find_execution(platform.engine, execution.arn), threading.Semaphore(0)

    def act(_: int) -> None:
        try:
            redrive(platform.engine, row)
        except ExecutionNotRedrivable:
            refused.release()

    at_once(4, act)
    platform.wait(execution)
    assert all(refused.acquire(blocking=False) for _ in range(3))
    assert find_execution(platform.engine, execution.arn).redrive_count == 1
