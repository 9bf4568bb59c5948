"""States whose query language is JSONata, while a machine runs."""

from typing import Any

import pytest

from pipeline.interpreter.interpreter import root_frame
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json
from pipeline.language.outcomes import FanOut, Invoke, Start
from tests.pure_engine import STARTED_AT, PureExecution, Takes, in_sequence, pure_engine, run_purely

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:work"
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
TASK = {"Type": "Task", "Resource": FUNCTION}
PASS = {"Type": "Pass"}
ERROR = "States.QueryEvaluationError"


def jsonata(**states: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **in_sequence(**states)}


def run(state: dict[str, Any], given: Json = None, result: Json = None) -> PureExecution:
    """A machine of one state ``S``, whose function gives the result."""
    return run_purely(jsonata(S=state), given, {"work": lambda _: result})


def echo(given: Any) -> Any:
    return given


def broken(_: Any) -> Any:
    raise ExecutionError("Broken", "on purpose")


def test_a_succeed_state_gives_its_input_unless_output_says_otherwise() -> None:
    assert run({"Type": "Succeed"}, 1).output == 1
    assert run({"Type": "Succeed", "Output": "{% $states.input + 1 %}"}, 1).output == 2


@pytest.mark.parametrize(
    "state",
    [
        PASS,
        {"Type": "Wait", "Seconds": 1},
        {"Type": "Choice", "Choices": [{"Condition": True, "Next": "End"}]},
        {"Type": "Choice", "Choices": [{"Condition": False, "Next": "End"}], "Default": "End"},
    ],
)
def test_a_state_without_a_result_gives_its_input_unless_output_says_otherwise(
    state: dict[str, Any],
) -> None:
    end = {"Type": "Succeed"}
    assert run_purely(jsonata(S=state, End=end), {"n": 1}).output == {"n": 1}
    if state["Type"] == "Choice":
        rule = {**state["Choices"][0], "Output": {"m": "{% $states.input.n + 1 %}"}}
        changed = {**state, "Choices": [rule], "Output": {"m": "{% $states.input.n + 1 %}"}}
    else:
        changed = {**state, "Output": {"m": "{% $states.input.n + 1 %}"}}
    assert run_purely(jsonata(S=changed, End=end), {"n": 1}).output == {"m": 2}


FAN = {
    "Type": "Parallel",
    "Arguments": {"n": "{% $states.input.n * 2 %}"},
    "Branches": [in_sequence(A=PASS), in_sequence(B={**PASS, "Output": "{% $states.input.n %}"})],
}
EACH = {
    "Type": "Map",
    "Items": "{% [$states.input.n, 5] %}",
    "ItemProcessor": in_sequence(I=PASS),
}
CALL = {**TASK, "Arguments": {"n": "{% $states.input.n %}", "m": 2}}


@pytest.mark.parametrize(
    ("state", "result"),
    [(FAN, [{"n": 2}, 2]), (EACH, [1, 5]), (CALL, {"n": 1, "m": 2}), (TASK, {"n": 1})],
)
def test_a_state_with_a_result_gives_that_and_shows_it_to_output_and_assign(
    state: dict[str, Any], result: Json
) -> None:
    functions = {"work": echo}
    assert run_purely(jsonata(S=state), {"n": 1}, functions).output == result
    both = {"in": "{% $states.input %}", "out": "{% $states.result %}"}
    machine = jsonata(
        S={**state, "Output": both, "Assign": both},
        Last={**PASS, "Output": ["{% $in %}", "{% $out %}", "{% $states.input %}"]},
    )
    ended = run_purely(machine, {"n": 1}, functions)
    assert ended.output == [{"n": 1}, result, {"in": {"n": 1}, "out": result}], ended.cause


def test_arguments_may_be_one_expression_and_output_any_json() -> None:
    state = {**TASK, "Arguments": "{% $states.input.to %}", "Output": ["{% $states.result %}", 1]}
    ended = run_purely(jsonata(S=state), {"to": {"a": 1}}, {"work": echo})
    assert ended.output == [{"a": 1}, 1]


def test_output_sees_the_values_before_its_own_assign_and_the_context_object() -> None:
    machine = jsonata(
        First={**PASS, "Assign": {"a": 1}},
        Second={
            **PASS,
            "Assign": {"a": "{% $a + 1 %}", "b": "{% $a %}"},
            "Output": {"a": "{% $a %}", "name": "{% $states.context.State.Name %}"},
        },
        Third={**PASS, "Output": "{% [$states.input, $a, $b] %}"},
    )
    assert run_purely(machine).output == [{"a": 1, "name": "Second"}, 2, 1]


@pytest.mark.parametrize(("n", "seen"), [(1, ["first", 1]), (5, ["default", 5])])
def test_the_first_condition_that_holds_is_taken_with_its_own_assign(n: int, seen: Json) -> None:
    choose = {
        "Type": "Choice",
        "Choices": [
            {
                "Condition": "{% $states.input.n < 3 %}",
                "Assign": {"way": "first"},
                "Output": "{% $states.input.n %}",
                "Next": "Last",
            },
            {"Condition": "{% $states.input.n < 4 %}", "Next": "Bad"},
        ],
        "Assign": {"way": "default"},
        "Output": "{% $states.input.n %}",
        "Default": "Last",
    }
    last = {**PASS, "Output": "{% [$way, $states.input] %}"}
    machine = jsonata(Choose=choose, Bad={"Type": "Fail"}, Last=last)
    assert run_purely(machine, {"n": n}).output == seen


def test_a_rule_without_output_passes_the_input_on() -> None:
    choose = {
        "Type": "Choice",
        "Choices": [{"Condition": True, "Next": "Last"}],
        "Output": "of the default",
        "Default": "Last",
    }
    assert run_purely(jsonata(Choose=choose, Last={"Type": "Succeed"}), 7).output == 7


def test_a_catcher_sees_the_error_output() -> None:
    catcher = {
        "ErrorEquals": ["States.ALL"],
        "Assign": {"error": "{% $states.errorOutput.Error %}"},
        "Next": "Last",
    }
    last = {**PASS, "Output": ["{% $error %}", "{% $states.input %}"]}
    caught = {"Error": "Broken", "Cause": "on purpose"}
    task = {**TASK, "Catch": [catcher]}
    functions = {"work": broken}
    assert run_purely(jsonata(T=task, Last=last), 1, functions).output == ["Broken", caught]
    given = {**catcher, "Output": ["{% $states.input %}", "{% $states.errorOutput.Cause %}"]}
    task = {**TASK, "Catch": [given]}
    output = run_purely(jsonata(T=task, Last=last), 1, functions).output
    assert output == ["Broken", [1, "on purpose"]]


def test_waits_take_numbers_and_times_from_expressions() -> None:
    by_length = run({"Type": "Wait", "Seconds": "{% $states.input.n * 2 %}"}, {"n": 4})
    assert by_length.ended_at == STARTED_AT + 8
    until = {"Type": "Wait", "Timestamp": "{% $states.input %}"}
    assert run(until, "2023-11-14T22:13:50Z").ended_at == STARTED_AT + 30


@pytest.mark.parametrize(
    ("state", "given"),
    [
        ({"Type": "Wait", "Seconds": "{% $states.input %}"}, "x"),
        ({"Type": "Wait", "Seconds": "{% $states.input %}"}, -1),
        ({"Type": "Wait", "Seconds": "{% $states.input %}"}, 1.5),
        ({"Type": "Wait", "Seconds": "{% $states.input %}"}, 100_000_000),
        ({"Type": "Wait", "Timestamp": "{% $states.input %}"}, "tomorrow"),
        ({"Type": "Wait", "Timestamp": "{% $states.input %}"}, 1),
        ({"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "End"}]}, None),
        ({**TASK, "TimeoutSeconds": "{% 0 %}"}, None),
        ({**TASK, "HeartbeatSeconds": "{% 'x' %}"}, None),
        ({**EACH, "Items": "{% $states.input %}"}, {"a": 1}),
        ({**EACH, "MaxConcurrency": "{% -1 %}"}, {"n": 1}),
        ({"Type": "Fail", "Error": "{% 1 %}"}, None),
        ({**PASS, "Output": "{% $states.input.gone %}"}, {}),
        ({**PASS, "Output": "{% 1 + 'a' %}"}, {}),
        ({**PASS, "Assign": {"x": "{% $nobody %}"}}, {}),
        ({**TASK, "Arguments": {"x": ["{% $states.input.gone %}"]}}, {}),
    ],
)
def test_what_an_expression_cannot_give_fails_the_state(state: dict[str, Any], given: Json) -> None:
    first = {"Type": "Choice", "Choices": [{"Condition": False, "Next": "End"}], "Default": "S"}
    machine = jsonata(First=first, S=state, End={"Type": "Succeed"})
    ended = run_purely(machine, given, {"work": echo})
    assert (ended.status, ended.error) == ("FAILED", ERROR)
    assert ended.cause.startswith("An error occurred while executing the state 'S'")


def test_the_history_tells_where_an_expression_failed() -> None:
    ended = run({**PASS, "Output": {"a": "{% $states.input.gone %}"}}, {})
    assert ended.event_types[-2:] == ["EvaluationFailed", "ExecutionFailed"]
    [details] = ended.details("EvaluationFailed")
    assert (details["error"], details["state"]) == (ERROR, "S")
    assert details["location"].startswith("Output")
    assert ended.cause == details["cause"]
    assert "returned nothing (undefined)" in details["cause"]


def test_a_failed_expression_is_caught_by_the_wildcard_and_can_be_retried() -> None:
    results = iter([{}, {"v": 3}])
    state = {**TASK, "Output": "{% $states.result.v %}", "Retry": [{"ErrorEquals": [ERROR]}]}
    functions = {"work": lambda _: next(results)}
    assert run_purely(jsonata(S=state), {}, functions).output == 3
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Last", "Output": "{% $states.errorOutput %}"}]
    machine = jsonata(
        S={**TASK, "Output": "{% $states.result.v %}", "Catch": catch},
        Last={**PASS, "Output": "{% $states.input.Error %}"},
    )
    assert run_purely(machine, {}, {"work": echo}).output == ERROR


def test_nothing_is_assigned_by_a_state_that_fails() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Last"}]
    machine = jsonata(
        First={**PASS, "Assign": {"a": 1}},
        S={**TASK, "Assign": {"a": 2}, "Output": "{% $gone %}", "Catch": catch},
        Last={**PASS, "Output": "{% $a %}"},
    )
    assert run_purely(machine, {}, {"work": echo}).output == 1


def test_limits_of_a_task_state_come_from_expressions() -> None:
    state = {**TASK, "TimeoutSeconds": "{% $states.input.limit %}"}
    functions = {"work": lambda _: Takes(5, None)}
    assert run_purely(jsonata(S=state), {"limit": 3}, functions).error == "States.Timeout"
    assert run_purely(jsonata(S=state), {"limit": 6}, functions).status == "SUCCEEDED"


def test_a_task_token_is_in_the_context_object() -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {"FunctionName": "f", "Payload": "{% $states.context.Task.Token %}"},
    }
    engine = pure_engine(jsonata(S=state))
    outcome = engine.step(root_frame(engine.machine, None), Start()).outcome
    assert isinstance(outcome, Invoke)
    assert outcome.arguments == {"FunctionName": "f", "Payload": outcome.token}


def test_a_fail_state_computes_error_and_cause() -> None:
    ended = run({"Type": "Fail", "Error": "{% 'E' & $states.input %}", "Cause": "plain"}, 1)
    assert (ended.error, ended.cause) == ("E1", "plain")


def test_an_item_selector_sees_the_item_and_the_input_of_the_map() -> None:
    selector = {
        "item": "{% $states.context.Map.Item.Value %}",
        "index": "{% $states.context.Map.Item.Index %}",
        "of": "{% $states.input.name %}",
    }
    each = {**EACH, "Items": "{% $states.input.list %}", "ItemSelector": selector}
    assert run(each, {"name": "x", "list": ["a"]}).output == [{"item": "a", "index": 0, "of": "x"}]


def test_items_may_be_written_out_or_left_to_the_input() -> None:
    assert run({**EACH, "Items": [1, "{% $states.input.n %}"]}, {"n": 2}).output == [1, 2]
    without = {name: value for name, value in EACH.items() if name != "Items"}
    assert run(without, [3]).output == [3]


def test_every_field_of_a_distributed_map_takes_an_expression() -> None:
    each = {
        "Type": "Map",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON", "MaxItems": "{% $states.input.most %}"},
            "Arguments": {"Bucket": "{% $states.input.bucket %}", "Key": "k"},
        },
        "ItemBatcher": {
            "MaxItemsPerBatch": "{% $states.input.most %}",
            "MaxInputBytesPerBatch": "{% 1000 %}",
            "BatchInput": {"b": "{% $states.input.bucket %}"},
        },
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Arguments": {"Bucket": "{% $states.input.bucket %}", "Prefix": "p"},
        },
        "MaxConcurrency": "{% $states.input.most %}",
        "ToleratedFailureCount": "{% $states.input.most + 1 %}",
        "ToleratedFailurePercentage": "{% 12.5 %}",
        "ItemProcessor": {**DISTRIBUTED, **in_sequence(I=PASS)},
    }
    given = {"bucket": "b", "most": 7}
    engine = pure_engine(jsonata(S=each), given)
    outcome = engine.step(root_frame(engine.machine, given), Start()).outcome
    assert isinstance(outcome, FanOut)
    assert outcome.reader is not None
    assert outcome.batching is not None
    assert outcome.writer is not None
    assert (outcome.reader.arguments, outcome.reader.max_items) == ({"Bucket": "b", "Key": "k"}, 7)
    assert (outcome.batching.max_items, outcome.batching.max_bytes) == (7, 1000)
    assert outcome.batching.batch_input == {"b": "b"}
    assert (outcome.writer.bucket, outcome.writer.prefix) == ("b", "p")
    assert (outcome.max_concurrency, outcome.tolerated_failure_count) == (7, 8)
    assert outcome.tolerated_failure_percentage == 12.5


def test_states_of_both_languages_share_data_and_variables() -> None:
    machine = in_sequence(
        Path={**PASS, "Assign": {"x.$": "$.y"}, "Parameters": {"y.$": "$.n"}},
        Jsonata={
            **PASS,
            "QueryLanguage": "JSONata",
            "Assign": {"x": "{% $x + 1 %}"},
            "Output": {"z": "{% $states.input.y + $x %}"},
        },
        Last={**PASS, "Parameters": {"x.$": "$x", "z.$": "$.z"}},
    )
    assert run_purely(machine, {"n": 1}).output == {"x": 2, "z": 2}


def test_branches_of_a_jsonata_machine_read_outer_variables() -> None:
    fan = {
        "Type": "Parallel",
        "Branches": [in_sequence(A={**PASS, "Output": "{% $outer & '!' %}"})],
    }
    machine = jsonata(First={**PASS, "Assign": {"outer": "o"}}, Fan=fan)
    assert run_purely(machine).output == ["o!"]
