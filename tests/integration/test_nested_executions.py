"""Executions that Task states start, wait for, and take with them when they end."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from pipeline.engine.engine import Engine
from pipeline.engine.nested_call import Caller, NestedCall
from pipeline.executions.lifecycle import find_execution, stop_execution
from pipeline.executions.starting import start_machine
from pipeline.executor.burst import history_batch
from pipeline.ledger.executions import executions_of
from pipeline.ledger.rows import ExecutionEnd, ExecutionRow, ExecutionStatus, FrameRow, HistoryBatch
from pipeline.ledger.state_machines import MachineType
from pipeline.ledger.transition import Overtaken, end_at_once
from tests.machines import call, each, only, side_by_side
from tests.nested import DOUBLER, SLEEPER, created, nested_in, start_state
from tests.platforms import Ended, Platform, embedded_platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with embedded_platform(tmp_path_factory.mktemp("p"), sweep_interval_seconds=0.1) as made:
        yield made


def test_the_result_of_a_request_names_the_execution(platform: Platform) -> None:
    machine_arn = created(platform, DOUBLER)
    ended = platform.run(only(start_state(machine_arn, "")), 21)
    metadata = {"SdkHttpMetadata", "SdkResponseMetadata"}
    assert set(ended.output) == {"ExecutionArn", "StartDate", *metadata}
    http, response = ended.output["SdkHttpMetadata"], ended.output["SdkResponseMetadata"]
    assert http["HttpStatusCode"] == 200
    assert http["HttpHeaders"]["x-amzn-RequestId"] == response["RequestId"]
    started = find_execution(platform.engine, ended.output["ExecutionArn"])
    assert started.machine_arn == machine_arn
    assert platform.wait(started).output == 42


def test_who_waits_gets_the_description_with_the_output(platform: Platform) -> None:
    machine_arn = created(platform, DOUBLER)
    as_text = platform.run(only(start_state(machine_arn, ".sync")), 21).output
    as_json = platform.run(only(start_state(machine_arn, ".sync:2")), 21).output
    assert (as_text["Input"], as_text["Output"]) == ("21", "42")
    assert (as_json["Input"], as_json["Output"]) == (21, 42)
    row = find_execution(platform.engine, as_json["ExecutionArn"])
    assert row.stopped_at is not None
    assert as_json == {
        "ExecutionArn": row.arn,
        "Input": 21,
        "InputDetails": {"Included": True},
        "Name": row.name,
        "Output": 42,
        "OutputDetails": {"Included": True},
        "StartDate": round(row.started_at * 1000),
        "StateMachineArn": machine_arn,
        "Status": "SUCCEEDED",
        "StopDate": round(row.stopped_at * 1000),
    }


def test_one_that_ends_while_it_is_started_is_waited_for_no_longer(platform: Platform) -> None:
    machine_arn = created(platform, only({"Type": "Pass", "Result": "at once", "End": True}))
    execution = platform.start(only(start_state(machine_arn)), {})
    assert platform.wait(execution).output["Output"] == "at once"
    assert platform.types(execution)[1:-1] == [
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
    ]


def test_iterations_wait_for_their_own(platform: Platform) -> None:
    machine_arn = created(platform, DOUBLER)
    state = start_state(machine_arn, OutputPath="$.Output")
    items = list(range(6))
    assert platform.run(only(each(only(state), MaxConcurrency=3)), items).output == [
        2 * item for item in items
    ]


def failed_cause(ended: Ended) -> dict[str, Any]:
    assert (ended.status, ended.error) == ("FAILED", "States.TaskFailed")
    assert ended.cause is not None
    cause: dict[str, Any] = json.loads(ended.cause)
    return cause


def test_the_failure_of_a_nested_execution_tells_its_description(platform: Platform) -> None:
    machine_arn = created(platform, only({"Type": "Fail", "Error": "Broken", "Cause": "it is"}))
    cause = failed_cause(platform.run(only(start_state(machine_arn)), {"n": 1}))
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "Broken", "it is")
    assert (cause["Input"], cause["StateMachineArn"]) == ('{"n":1}', machine_arn)
    assert "Output" not in cause


def test_a_nested_execution_that_is_stopped_fails_who_waits(platform: Platform) -> None:
    execution = platform.start(only(start_state(created(platform, SLEEPER), ".sync")), {})
    (nested,) = nested_in(platform, execution)
    stop_execution(platform.engine, nested.arn, error="Enough")
    cause = failed_cause(platform.wait(execution))
    assert (cause["Status"], cause["Error"]) == ("ABORTED", "Enough")


def test_a_nested_execution_that_times_out_fails_who_waits(platform: Platform) -> None:
    machine_arn = created(platform, {**SLEEPER, "TimeoutSeconds": 1})
    assert failed_cause(platform.run(only(start_state(machine_arn)), {}))["Status"] == "TIMED_OUT"


def test_the_failure_can_be_caught(platform: Platform) -> None:
    machine_arn = created(platform, only({"Type": "Fail", "Error": "Broken"}))
    state = start_state(machine_arn, Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "Go"}])
    machine = {"StartAt": "Try", "States": {"Try": state, "Go": {"Type": "Succeed"}}}
    assert platform.run(machine, {}).output["Error"] == "States.TaskFailed"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"StateMachineArn": "{machine}s"}, "StepFunctions.StateMachineDoesNotExistException"),
        ({"StateMachineArn": "arn:aws:s3:::b"}, "StepFunctions.InvalidArnException"),
        ({"Name": "no/name"}, "StepFunctions.InvalidNameException"),
        ({"Name": "taken", "Input": 2}, "StepFunctions.ExecutionAlreadyExistsException"),
        ({"Input": "{"}, "StepFunctions.InvalidExecutionInputException"),
        ({"Name": 7}, "States.Runtime"),
        ({"Input": None, "TraceHeader": 1}, "States.Runtime"),
    ],
)
def test_what_the_api_refuses_fails_the_state(
    platform: Platform, parameters: dict[str, Any], error: str
) -> None:
    machine_arn = created(platform, DOUBLER)
    first = {"Name": "taken", "Input": 1}
    platform.run(only(start_state(machine_arn, "", Parameters=first)), {})
    parameters = {
        name: value.format(machine=machine_arn) if name == "StateMachineArn" else value
        for name, value in parameters.items()
    }
    ended = platform.run(only(start_state(machine_arn, "", Parameters=parameters)), {})
    assert (ended.status, ended.error) == ("FAILED", error)


def test_stopping_an_execution_stops_those_that_it_waits_for(platform: Platform) -> None:
    inner = created(platform, SLEEPER)
    middle = created(platform, only(start_state(inner)))
    outer = platform.start(only(start_state(middle)), {})
    (child,) = nested_in(platform, outer)
    (grandchild,) = nested_in(platform, child)
    stop_execution(platform.engine, outer.arn)
    assert platform.wait(child).status == "ABORTED"
    assert platform.wait(grandchild).status == "ABORTED"
    assert platform.types(grandchild)[-2:] == ["WaitStateEntered", "ExecutionAborted"]
    assert platform.types(outer)[-2:] == ["TaskStateAborted", "ExecutionAborted"]


def test_an_execution_that_times_out_stops_those_that_it_waits_for(platform: Platform) -> None:
    machine = only(start_state(created(platform, SLEEPER))) | {"TimeoutSeconds": 1}
    outer = platform.start(machine, {})
    (child,) = nested_in(platform, outer)
    assert platform.wait(outer).status == "TIMED_OUT"
    assert platform.wait(child).status == "ABORTED"


def test_a_state_that_times_out_stops_what_it_waits_for(platform: Platform) -> None:
    state = start_state(
        created(platform, SLEEPER),
        TimeoutSeconds=1,
        Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Go"}],
    )
    machine = {"StartAt": "Try", "States": {"Try": state, "Go": {"Type": "Succeed"}}}
    outer = platform.start(machine, {})
    (child,) = nested_in(platform, outer)
    assert platform.wait(outer).output == {"Error": "States.Timeout", "Cause": ""}
    assert platform.wait(child).status == "ABORTED"


def test_the_failure_of_a_branch_stops_what_its_siblings_wait_for(platform: Platform) -> None:
    gate, log = platform.path("gate"), platform.path("log")
    waiting = only(start_state(created(platform, SLEEPER)))
    held = call("hold", Next="Fail")
    failing = {"StartAt": "Hold", "States": {"Hold": held, "Fail": {"Type": "Fail", "Error": "E"}}}
    outer = platform.start(
        only(side_by_side(waiting, failing)), {"gate": str(gate), "log": str(log)}
    )
    (child,) = nested_in(platform, outer)
    gate.touch()
    assert platform.wait(outer).error == "E"
    assert platform.wait(child).status == "ABORTED"


def test_what_is_only_requested_goes_on_without_its_caller(platform: Platform) -> None:
    state = start_state(created(platform, SLEEPER), "", Next="Fail", ResultPath="$.started")
    machine = {"StartAt": "Ask", "States": {"Ask": state, "Fail": {"Type": "Fail"}}}
    outer = platform.start(machine, {})
    assert platform.wait(outer).status == "FAILED"
    (result,) = (e.details for e in platform.history(outer) if e.type == "TaskSucceeded")
    arn = result["output"]["ExecutionArn"]
    platform.run(DOUBLER, 1)
    assert find_execution(platform.engine, arn).status is ExecutionStatus.RUNNING
    stop_execution(platform.engine, arn)


def test_the_token_that_a_nested_execution_gets_ends_the_wait(platform: Platform) -> None:
    machine_arn = created(platform, SLEEPER)
    state = start_state(
        machine_arn,
        ".waitForTaskToken",
        Parameters={"Input": {"token.$": "$$.Task.Token"}},
    )
    outer = platform.start(only(state), {})
    (nested,) = nested_in(platform, outer)
    given = platform.engine.payloads.unpack(nested.input)
    assert isinstance(given, dict)
    platform.send_task_success(str(given["token"]), "answered")
    assert platform.wait(outer).output == "answered"
    stop_execution(platform.engine, nested.arn)


def start_again(engine: Engine, machine_arn: str, caller: Caller) -> str:
    wanted = NestedCall(
        arguments={"StateMachineArn": machine_arn, "Input": 4},
        execution_arn=machine_arn,
        is_awaited=True,
    )
    return str(engine.start_nested(engine, wanted, caller)["ExecutionArn"])


def test_a_call_that_is_made_again_starts_nothing(platform: Platform) -> None:
    machine_arn = created(platform, only({"Type": "Succeed"}))
    frame = platform.start(SLEEPER, {}).id
    caller = Caller(frame_id=frame, version=0, call="0.1")
    first = start_again(platform.engine, machine_arn, caller)
    platform.wait(find_execution(platform.engine, first))
    assert start_again(platform.engine, machine_arn, caller) == first
    other = platform.start(SLEEPER, {}).id
    assert start_again(platform.engine, machine_arn, replace(caller, frame_id=other)) != first


@pytest.mark.parametrize("who", ["a client", "another state"])
def test_who_names_an_execution_that_runs_hears_of_its_end(platform: Platform, who: str) -> None:
    machine_arn = created(platform, SLEEPER)
    named = {"Name": f"shared-{uuid4().hex[:8]}", "Input": {"n": 1}}
    state = start_state(machine_arn, Parameters=named)
    if who == "a client":
        start_machine(platform.engine, machine_arn, input={"n": 1}, name=named["Name"])
    else:
        nested_in(platform, platform.start(only(state), {}))
    waits = platform.start(only(state), {})
    (nested,) = nested_in(platform, waits)
    stop_execution(platform.engine, nested.arn, error="Enough")
    cause = failed_cause(platform.wait(waits))
    assert (cause["Status"], cause["Name"]) == ("ABORTED", named["Name"])


def test_an_end_that_a_second_waiter_did_not_hear_of_is_told_by_a_sweep(
    platform: Platform,
) -> None:
    machine_arn = created(platform, SLEEPER)
    nested = start_machine(platform.engine, machine_arn, input={"n": 1}, name="swept")
    state = start_state(machine_arn, Parameters={"Name": "swept", "Input": {"n": 1}})
    waits = platform.start(only(state), {})
    nested_in(platform, waits)
    now = platform.engine.clock()
    end = ExecutionEnd(status=ExecutionStatus.ABORTED, stopped_at=now, look_at=now)
    # The process that ended it was lost at once.
    assert end_at_once(
        platform.engine.database, nested.id, end, nested_history(platform, nested), lambda rows: []
    )
    assert failed_cause(platform.wait(waits))["Status"] == "ABORTED"


def test_a_frame_that_has_gone_on_starts_nothing(platform: Platform) -> None:
    machine_arn = created(platform, DOUBLER)
    sleeper = platform.start(SLEEPER, {})
    stop_execution(platform.engine, sleeper.arn)
    with pytest.raises(Overtaken):
        start_again(
            platform.engine, machine_arn, Caller(frame_id=sleeper.id, version=0, call="0.1")
        )


def test_an_end_that_nobody_has_told_is_told_by_a_sweep(platform: Platform) -> None:
    outer = platform.start(only(start_state(created(platform, SLEEPER))), {})
    (nested,) = nested_in(platform, outer)
    engine = platform.engine
    end = ExecutionEnd(
        status=ExecutionStatus.ABORTED, stopped_at=engine.clock(), look_at=engine.clock()
    )
    # The process that ended it was lost at once.
    batch = nested_history(platform, nested)
    assert end_at_once(engine.database, nested.id, end, batch, lambda rows: [])
    assert failed_cause(platform.wait(outer))["Status"] == "ABORTED"


def nested_history(platform: Platform, row: ExecutionRow) -> HistoryBatch:
    """The history of an end, which these tests do not look at."""
    frame = FrameRow(id=row.id, execution_id=row.id, history_id=row.id)
    return history_batch(platform.engine, frame, [], ends=True)


def test_express_executions_are_started_but_not_waited_for(platform: Platform) -> None:
    machine_arn = created(platform, only({"Type": "Succeed"}), MachineType.EXPRESS)
    requested = platform.run(only(start_state(machine_arn, "")), {})
    assert ":express:" in requested.output["ExecutionArn"]
    awaited = platform.run(only(start_state(machine_arn)), {})
    assert awaited.error == "StepFunctions.StateMachineTypeNotSupportedException"


def test_an_express_execution_starts_others(platform: Platform) -> None:
    inner = created(platform, DOUBLER)
    middle = created(platform, only(start_state(inner, "")), MachineType.EXPRESS)
    platform.run(only(start_state(middle, "")), 21)

    def started() -> list[ExecutionRow]:
        with platform.engine.database.reading() as connection:
            return executions_of(connection, machine_arn=inner, limit=1)

    platform.until(started)
    assert platform.wait(started()[0]).output == 42
