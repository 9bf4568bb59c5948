"""Nested executions that are redriven by themselves, when whoever started them waits no more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.executions.lifecycle import find_execution
from pipeline.executions.redriving import redrive
from pipeline.ledger.rows import ExecutionRow
from tests.machines import call, only
from tests.nested import created, nested_in, start_state
from tests.platforms import Platform, embedded_platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """StateBag whose sweeper soon looks after nested executions that have ended."""
    directory = tmp_path_factory.mktemp("nested")
    settings: dict[str, Any] = {"sweep_interval_seconds": 0.1, "redelivery_seconds": 0.5}
    with embedded_platform(directory, **settings) as made:
        yield made


@pytest.fixture
def given(platform: Platform) -> dict[str, Any]:
    """Input with which ``fail-first`` fails once; files for ``hold``."""
    names = ("log", "gate")
    return {name: str(platform.path(name)) for name in names} | {"attempts": 2}


def failing_first(platform: Platform) -> str:
    """The ARN of a machine that fails once, and then holds until it is let go."""
    states = {"Fails": call("fail-first", ResultPath=None, Next="Hold"), "Hold": call("hold")}
    return created(platform, {"StartAt": "Fails", "States": states})


def again(platform: Platform, execution: ExecutionRow) -> ExecutionRow:
    return find_execution(platform.engine, execution.arn)


def test_it_is_not_stopped_although_nobody_waits_for_it(
    platform: Platform, given: dict[str, Any]
) -> None:
    caller = platform.start(only(start_state(failing_first(platform))), given)
    assert platform.wait(caller).error == "States.TaskFailed"
    (nested,) = nested_in(platform, caller)
    redrive(platform.engine, again(platform, nested))
    # Later than the sweeper would have told the caller of its first end once more.
    due = platform.engine.redelivery_at() + 0.5
    platform.until(lambda: platform.engine.clock() > due)
    assert platform.status(nested) == "RUNNING"
    Path(given["gate"]).touch()
    assert platform.wait(nested).output == "let go"
    assert platform.status(caller) == "FAILED"


def test_a_caller_that_is_redriven_starts_another_one(
    platform: Platform, given: dict[str, Any]
) -> None:
    state = start_state(created(platform, only(call("fail-first"))), OutputPath="$.Output")
    caller = platform.start(only(state), given)
    assert platform.wait(caller).error == "States.TaskFailed"
    redrive(platform.engine, again(platform, caller))
    assert platform.wait(caller).output == 2
    first, second = nested_in(platform, caller, 2)
    assert (first.status, second.status) == ("FAILED", "SUCCEEDED")
    assert first.redrive_count == 0
