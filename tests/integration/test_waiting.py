"""What takes time: waits, retry delays, callbacks, limits. End to end, in both modes."""

from collections import Counter
from typing import Any

import pytest

from pipeline.executions.lifecycle import stop_execution
from pipeline.executions.task_tokens import TaskTimedOut
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from tests.machines import call, call_with_token, each, only, side_by_side
from tests.platforms import SLOTS, Platform

AN_HOUR = 3600
MANY = 5 * SLOTS


def _reached(platform: Platform, execution: ExecutionRow, event: str, times: int) -> None:
    platform.until(
        lambda: Counter(platform.types(execution))[event] >= times,
        what=lambda: f"{times} {event}, there are {Counter(platform.types(execution))}",
    )


def _is_stopped_while_other_work_goes_through(platform: Platform, execution: ExecutionRow) -> None:
    other = platform.run(only(each(only(call("double")))), list(range(MANY)))
    assert other.output == [2 * item for item in range(MANY)]
    assert platform.status(execution) is ExecutionStatus.RUNNING
    assert stop_execution(platform.engine, execution.arn, error="Enough", cause="seen it")
    ended = platform.wait(execution)
    assert (ended.status, ended.error, ended.cause) == ("ABORTED", "Enough", "seen it")
    assert not stop_execution(platform.engine, execution.arn)


def test_more_waits_than_worker_slots_hold_up_nobody(platform: Platform) -> None:
    waiting = each(only({"Type": "Wait", "Seconds": AN_HOUR, "End": True}))
    execution = platform.start(only(waiting), list(range(MANY)))
    _reached(platform, execution, "WaitStateEntered", MANY)
    _is_stopped_while_other_work_goes_through(platform, execution)
    types = Counter(platform.types(execution))
    assert types["WaitStateAborted"] == MANY
    assert platform.types(execution)[-1] == "ExecutionAborted"


def test_more_retry_delays_than_worker_slots_hold_up_nobody(platform: Platform) -> None:
    retry = [{"ErrorEquals": ["NotYet"], "IntervalSeconds": AN_HOUR}]
    execution = platform.start(only(each(only(call("fail", Retry=retry)))), list(range(MANY)))
    _reached(platform, execution, "LambdaFunctionFailed", MANY)
    _is_stopped_while_other_work_goes_through(platform, execution)


def test_waits_and_retry_delays_in_branches_end(platform: Platform) -> None:
    wait = {"Type": "Wait", "Seconds": 1, "End": True}
    logs = [platform.path("log") for _ in range(MANY)]
    retry = [{"ErrorEquals": ["NotYet"], "IntervalSeconds": 1, "BackoffRate": 1.0}]
    failing = call("fail-first", Retry=retry)
    items = [{"log": str(log), "attempts": 2} for log in logs]
    machine = only(side_by_side(only(each(only(failing))), only(each(only(wait)))))
    ended = platform.run(machine, items)
    assert ended.output == [[2] * MANY, items]


def test_a_callback_in_an_iteration_is_answered_after_the_other_iterations_ended(
    platform: Platform,
) -> None:
    asks = platform.path("asks")
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 3, "Next": "Ask"}],
        "Default": "Double",
    }
    states = {
        "Which": choice,
        "Ask": call_with_token("ask", {"asks": str(asks)}),
        "Double": call("double"),
    }
    execution = platform.start(
        only(each({"StartAt": "Which", "States": states})), list(range(SLOTS + 2))
    )
    _reached(platform, execution, "MapIterationSucceeded", SLOTS + 1)
    assert platform.status(execution) is ExecutionStatus.RUNNING
    token = platform.read(asks)
    platform.send_task_success(token, "answered")
    assert platform.wait(execution).output == [0, 2, 4, "answered", 8, 10]
    with pytest.raises(TaskTimedOut):
        platform.send_task_success(token, "again")


def test_callbacks_are_answered_while_the_functions_that_asked_still_run(
    platform: Platform,
) -> None:
    gate, asks, log = platform.path("gate"), platform.path("asks"), platform.path("log")
    payload = {"gate": str(gate), "log": str(log)}
    branches = [
        only(call_with_token("ask_and_stay".replace("_", "-"), payload | {"asks": f"{asks}{name}"}))
        for name in "ab"
    ]
    caught = [{"ErrorEquals": ["Refused"], "Next": "Sorry"}]
    branches[1]["States"]["Sorry"] = {"Type": "Pass", "OutputPath": "$.Cause", "End": True}
    next(iter(branches[1]["States"].values()))["Catch"] = caught
    execution = platform.start(only(side_by_side(*branches)))
    first, second = (platform.read(asks.with_name(f"{asks.name}{name}")) for name in "ab")
    platform.send_task_success(first, {"yes": 1})
    platform.send_task_failure(second, "Refused", "not today")
    assert platform.wait(execution).output == [{"yes": 1}, "not today"]
    before = platform.types(execution)
    gate.touch()
    platform.until(lambda: log.read_text().count("ended") == 2)
    assert platform.run(only(call("echo")), "both are free again").status == "SUCCEEDED"
    assert platform.types(execution) == before


def _caught(state: dict[str, Any], error: str) -> dict[str, Any]:
    """A machine that ends with the error's name when the state fails with it."""
    name = {"Type": "Pass", "OutputPath": "$.Error", "End": True}
    machine = only({**state, "Catch": [{"ErrorEquals": [error], "Next": "Caught"}]})
    machine["States"]["Caught"] = name
    return machine


def test_a_call_that_hangs_times_out_and_its_late_result_changes_nothing(
    platform: Platform,
) -> None:
    gate, log = platform.path("gate"), platform.path("log")
    hanging = call("hold", TimeoutSeconds=1)
    execution = platform.start(
        _caught(hanging, "States.Timeout"), {"gate": str(gate), "log": str(log)}
    )
    assert platform.wait(execution).output == "States.Timeout"
    before = platform.history(execution)
    assert "LambdaFunctionTimedOut" in [event.type for event in before]
    gate.touch()
    platform.until(lambda: "ended" in log.read_text())
    assert platform.run(only(call("echo")), "it is free again").status == "SUCCEEDED"
    assert platform.history(execution) == before


def test_a_hanging_call_in_a_branch_times_out_and_the_branches_join(platform: Platform) -> None:
    gate, log = platform.path("gate"), platform.path("log")
    hanging = _caught(call("hold", TimeoutSeconds=1), "States.Timeout")
    machine = only(side_by_side(hanging, only(call("echo", InputPath="$.other"))))
    ended = platform.run(machine, {"gate": str(gate), "log": str(log), "other": 5})
    assert ended.output == ["States.Timeout", 5]
    gate.touch()


def test_a_task_token_that_nobody_answers_times_out(platform: Platform) -> None:
    asks = platform.path("asks")
    asking = call_with_token("ask", {"asks": str(asks)}, TimeoutSeconds=1)
    assert platform.run(_caught(asking, "States.Timeout")).output == "States.Timeout"
    with pytest.raises(TaskTimedOut):
        platform.send_task_success(platform.read(asks), "too late")


def test_the_machines_own_time_limit_ends_its_execution(platform: Platform) -> None:
    wait = {"Type": "Wait", "Seconds": AN_HOUR, "End": True}
    machine = {**only(side_by_side(only(wait), only(wait))), "TimeoutSeconds": 1}
    execution = platform.start(machine)
    ended = platform.wait(execution)
    assert (ended.status, ended.output) == ("TIMED_OUT", None)
    assert platform.types(execution)[-1] == "ExecutionTimedOut"


def test_stopping_an_execution_ends_it_although_a_function_runs(platform: Platform) -> None:
    gate, log = platform.path("gate"), platform.path("log")
    execution = platform.start(only(call("hold")), {"gate": str(gate), "log": str(log)})
    platform.until(log.exists)
    assert stop_execution(platform.engine, execution.arn)
    assert platform.wait(execution).status == "ABORTED"
    gate.touch()
    platform.until(lambda: "ended" in log.read_text())
    assert platform.run(only(call("echo")), "it is free again").status == "SUCCEEDED"
    assert platform.types(execution)[-1] == "ExecutionAborted"
