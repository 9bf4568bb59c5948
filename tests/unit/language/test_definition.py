"""Definitions that conform, and what their fields become."""

import json

from pipeline.language.catchers import Catcher
from pipeline.language.definition import parse_definition
from pipeline.language.json_path_flow import JsonPathFlow
from pipeline.language.json_value import JsonObject
from pipeline.language.query.json_path import JsonPath, parse_json_path
from pipeline.language.query.reference_path import parse_reference_path
from pipeline.language.resource import Pattern
from pipeline.language.retriers import JitterStrategy, Retrier
from pipeline.language.state_machine import StateMachine
from pipeline.language.states.choice import Choice
from pipeline.language.states.fail import Fail
from pipeline.language.states.map import Map, ProcessorMode
from pipeline.language.states.parallel import Parallel
from pipeline.language.states.pass_ import Pass
from pipeline.language.states.succeed import Succeed
from pipeline.language.states.task import Task
from pipeline.language.states.wait import Wait

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:Hello"


def machine(state: JsonObject, **others: JsonObject) -> StateMachine:
    return parse_definition({"StartAt": "First", "States": {"First": state, **others}})


def pass_end() -> JsonObject:
    return {"Type": "Pass", "End": True}


def scope(name: str) -> JsonObject:
    return {"StartAt": name, "States": {name: pass_end()}}


def test_a_definition_is_parsed_from_text() -> None:
    text = json.dumps({"Comment": "x", "TimeoutSeconds": 60, **scope("First")})
    parsed = parse_definition(text)
    assert parsed.comment == "x"
    assert parsed.timeout_seconds == 60
    assert parsed.scopes[""].start_at == "First"
    assert isinstance(parsed.scopes[""].states["First"], Pass)


def test_the_plain_defaults_may_be_written_out() -> None:
    parsed = parse_definition({"Version": "1.0", "QueryLanguage": "JSONPath", **scope("First")})
    assert parsed.timeout_seconds is None
    assert parsed.comment is None


def test_absent_paths_are_the_whole_document_and_null_is_none() -> None:
    absent = machine(pass_end()).scopes[""].states["First"]
    assert isinstance(absent, Pass)
    assert absent.flow == JsonPathFlow(
        input_path=parse_json_path("$"),
        output_path=parse_json_path("$"),
        result_path=parse_reference_path("$"),
    )
    null = (
        machine({**pass_end(), "InputPath": None, "OutputPath": None, "ResultPath": None})
        .scopes[""]
        .states["First"]
    )
    assert isinstance(null, Pass)
    assert null.flow == JsonPathFlow(input_path=None, output_path=None, result_path=None)


def test_a_null_result_is_a_result() -> None:
    without = machine(pass_end()).scopes[""].states["First"]
    with_null = machine({**pass_end(), "Result": None}).scopes[""].states["First"]
    assert isinstance(without, Pass)
    assert isinstance(with_null, Pass)
    assert (without.has_result, with_null.has_result) == (False, True)


def test_next_is_a_name_and_end_is_none() -> None:
    states = machine({"Type": "Pass", "Next": "Last", "Comment": "on"}, Last=pass_end()).scopes[""]
    first, last = states.states["First"], states.states["Last"]
    assert isinstance(first, Pass)
    assert isinstance(last, Pass)
    assert (first.name, first.next, first.comment) == ("First", "Last", "on")
    assert (last.name, last.next, last.comment) == ("Last", None, None)


def test_a_task_state_with_the_defaults() -> None:
    task = machine({"Type": "Task", "Resource": FUNCTION, "End": True}).scopes[""].states["First"]
    assert isinstance(task, Task)
    assert task.resource.action == "Hello"
    assert task.flow == JsonPathFlow()
    assert (task.timeout_seconds, task.heartbeat_seconds) == (None, None)
    assert (task.retry, task.catch) == ((), ())


def test_a_task_state_with_everything() -> None:
    task = (
        machine(
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": {"FunctionName": "Hello", "Payload": {"token.$": "$$.Task.Token"}},
                "ResultSelector": {"only.$": "$.this"},
                "ResultPath": "$.result",
                "TimeoutSecondsPath": "$.limit",
                "HeartbeatSeconds": 5,
                "Retry": [
                    {"ErrorEquals": ["A", "B"]},
                    {
                        "ErrorEquals": ["States.ALL"],
                        "IntervalSeconds": 2,
                        "MaxAttempts": 0,
                        "BackoffRate": 1,
                        "MaxDelaySeconds": 10,
                        "JitterStrategy": "FULL",
                    },
                ],
                "Catch": [
                    {"ErrorEquals": ["States.TaskFailed"], "Next": "Last", "ResultPath": "$.error"},
                    {"ErrorEquals": ["States.ALL"], "Next": "Last", "ResultPath": None},
                ],
                "Next": "Last",
            },
            Last={"Type": "Succeed"},
        )
        .scopes[""]
        .states["First"]
    )
    assert isinstance(task, Task)
    assert task.resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN
    assert isinstance(task.flow, JsonPathFlow)
    assert task.flow.parameters is not None
    assert task.flow.result_selector is not None
    assert task.flow.result_path == parse_reference_path("$.result")
    assert task.timeout_seconds == parse_json_path("$.limit")
    assert task.heartbeat_seconds == 5
    assert task.retry == (
        Retrier(
            error_equals=("A", "B"),
            interval_seconds=1,
            max_attempts=3,
            backoff_rate=2.0,
            max_delay_seconds=None,
            jitter_strategy=JitterStrategy.NONE,
        ),
        Retrier(
            error_equals=("States.ALL",),
            interval_seconds=2,
            max_attempts=0,
            backoff_rate=1,
            max_delay_seconds=10,
            jitter_strategy=JitterStrategy.FULL,
        ),
    )
    assert task.catch == (
        Catcher(
            error_equals=("States.TaskFailed",),
            next="Last",
            flow=JsonPathFlow(result_path=parse_reference_path("$.error")),
        ),
        Catcher(error_equals=("States.ALL",), next="Last", flow=JsonPathFlow(result_path=None)),
    )


def test_a_choice_state_keeps_its_rules_and_its_default() -> None:
    choice = (
        machine(
            {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.n", "NumericEquals": 1, "Next": "Last"},
                    {"Not": {"Variable": "$.n", "IsPresent": True}, "Next": "Last"},
                ],
                "Default": "Last",
            },
            Last={"Type": "Succeed"},
        )
        .scopes[""]
        .states["First"]
    )
    assert isinstance(choice, Choice)
    assert len(choice.choices) == 2
    assert choice.default == "Last"


def test_a_wait_state_has_a_length_or_a_time() -> None:
    def wait(**fields: str | int) -> tuple[int | JsonPath | None, float | JsonPath | None]:
        state = machine({"Type": "Wait", "End": True, **fields}).scopes[""].states["First"]
        assert isinstance(state, Wait)
        return state.seconds, state.timestamp

    assert wait(Seconds=0) == (0, None)
    assert wait(SecondsPath="$.n") == (parse_json_path("$.n"), None)
    assert wait(Timestamp="1970-01-01T00:01:00Z") == (None, 60.0)
    assert wait(TimestampPath="$.t") == (None, parse_json_path("$.t"))


def test_a_fail_state_takes_texts_paths_and_string_functions() -> None:
    def fail(**fields: str) -> Fail:
        state = machine({"Type": "Fail", **fields}).scopes[""].states["First"]
        assert isinstance(state, Fail)
        return state

    assert (fail().error, fail().cause) == (None, None)
    texts = fail(Error="MyError", Cause="why")
    assert (texts.error, texts.cause) == ("MyError", "why")
    computed = fail(ErrorPath="$.error", CausePath="States.Format('on {}', $.day)")
    assert computed.error == parse_json_path("$.error")
    assert not isinstance(computed.cause, str | JsonPath | None)


def test_a_succeed_state_is_an_end() -> None:
    assert isinstance(machine({"Type": "Succeed"}).scopes[""].states["First"], Succeed)


def test_an_inline_map_with_the_defaults() -> None:
    each = machine({"Type": "Map", "ItemProcessor": scope("Inner"), "End": True}).scopes[""]
    state = each.states["First"]
    assert isinstance(state, Map)
    assert state.items == parse_json_path("$")
    assert state.item_selector is None
    assert (state.mode, state.execution_type) == (ProcessorMode.INLINE, None)
    assert state.max_concurrency == 0
    assert state.tolerated_failure_count is None
    assert state.tolerated_failure_percentage is None


def test_a_distributed_map_with_everything() -> None:
    state = (
        machine(
            {
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemSelector": {"item.$": "$$.Map.Item.Value"},
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                    **scope("Inner"),
                },
                "MaxConcurrencyPath": "$.lanes",
                "ToleratedFailureCount": 3,
                "ToleratedFailurePercentage": 12.5,
                "Label": "files",
                "End": True,
            }
        )
        .scopes[""]
        .states["First"]
    )
    assert isinstance(state, Map)
    assert state.items == parse_json_path("$.items")
    assert state.item_selector is not None
    assert (state.mode, state.execution_type) == (ProcessorMode.DISTRIBUTED, "EXPRESS")
    assert state.max_concurrency == parse_json_path("$.lanes")
    assert state.tolerated_failure_count == 3
    assert state.tolerated_failure_percentage == 12.5
    assert state.label == "files"


def test_the_deprecated_names_of_a_map_are_taken() -> None:
    parsed = machine(
        {"Type": "Map", "Iterator": scope("Inner"), "Parameters": {"a": 1}, "End": True}
    )
    state = parsed.scopes[""].states["First"]
    assert isinstance(state, Map)
    assert state.item_selector is not None
    assert state.processor is parsed.scopes["/States/First/Iterator"]


def test_every_scope_is_found_by_its_place_in_the_document() -> None:
    inner_map: JsonObject = {"Type": "Map", "ItemProcessor": scope("Deep"), "End": True}
    parsed = machine(
        {
            "Type": "Parallel",
            "Branches": [scope("Left"), {"StartAt": "In/Out~", "States": {"In/Out~": inner_map}}],
            "End": True,
        }
    )
    deep = "/States/First/Branches/1/States/In~1Out~0/ItemProcessor"
    branches = ("/States/First/Branches/0", "/States/First/Branches/1")
    assert set(parsed.scopes) == {"", *branches, deep}
    assert all(scope.scope == place for place, scope in parsed.scopes.items())
    fan = parsed.scopes[""].states["First"]
    assert isinstance(fan, Parallel)
    assert fan.branches == tuple(parsed.scopes[place] for place in branches)
    assert parsed.scopes[deep].start_at == "Deep"


def test_a_loop_with_a_way_out_is_taken() -> None:
    poll: JsonObject = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.done", "BooleanEquals": True, "Next": "Last"}],
        "Default": "First",
    }
    first: JsonObject = {"Type": "Wait", "Seconds": 1, "Next": "Poll"}
    parsed = machine(first, Poll=poll, Last={"Type": "Succeed"})
    assert set(parsed.scopes[""].states) == {"First", "Poll", "Last"}


def test_a_state_that_only_a_catcher_reaches_is_reachable() -> None:
    catcher: JsonObject = {"ErrorEquals": ["States.ALL"], "Next": "Rescue"}
    task: JsonObject = {"Type": "Task", "Resource": FUNCTION, "Catch": [catcher], "End": True}
    assert "Rescue" in machine(task, Rescue={"Type": "Fail"}).scopes[""].states
