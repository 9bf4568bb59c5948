"""States that do not conform, type by type and field by field."""

import pytest

from pipeline.language.json_value import Json, JsonObject
from tests.unit.language.documents import (
    CHOICE,
    DISTRIBUTED_MAP,
    END,
    MAP,
    ONE_STATE,
    PARALLEL,
    TASK,
    machine,
    problems,
    without,
)


@pytest.mark.parametrize(
    ("state", "place", "message"),
    [
        ({"End": True}, "", "These fields are required: [Type]"),
        ({**END, "Type": "Parallell"}, "/Type", "not a state type; did you mean 'Parallel'?"),
        ({**END, "Type": 3}, "/Type", "must be a string, not an integer"),
        ({"Type": "Pass"}, "", "must have 'Next' or 'End': true"),
        ({"Type": "Pass", "End": False}, "", "must have 'Next' or 'End': true"),
        ({**END, "Next": "S"}, "", "'Next' and 'End' exclude each other"),
        ({**END, "End": "yes"}, "/End", "must be a boolean, not a string"),
        ({"Type": "Pass", "Next": 1}, "/Next", "must be a string, not an integer"),
        ({**END, "Resultpath": "$"}, "/Resultpath", "a Pass state; did you mean 'ResultPath'?"),
        ({**END, "Retry": []}, "/Retry", "'Retry' is not a field of a Pass state"),
        ({**END, "InputPath": "a"}, "/InputPath", "'a' is not a valid path"),
        ({**END, "InputPath": 1}, "/InputPath", "must be a string, not an integer"),
        ({**END, "ResultPath": "$.a[*]"}, "/ResultPath", "is not a Reference Path"),
        ({**END, "ResultPath": "$$.State"}, "/ResultPath", "is not a valid path"),
        ({**END, "Parameters": {"a.$": "b"}}, "/Parameters/a.$", "'b'"),
        (
            {**END, "Parameters": {"a.$": "States.Formt('{}', 1)"}},
            "/Parameters/a.$",
            "States.Formt",
        ),
        ({"Type": "Succeed", "Next": "S"}, "/Next", "is not a field of a Succeed state"),
        ({"Type": "Fail", "InputPath": "$"}, "/InputPath", "is not a field of a Fail state"),
        ({"Type": "Fail", "Error": "E", "ErrorPath": "$.e"}, "", "'Error' and 'ErrorPath' excl"),
        ({"Type": "Fail", "Cause": 1}, "/Cause", "must be a string"),
        ({"Type": "Fail", "CausePath": "cause"}, "/CausePath", "'cause' is not a valid path"),
        ({"Type": "Fail", "CausePath": "States.MathAdd(1, 2)"}, "/CausePath", "is not one of"),
    ],
)
def test_one_state(state: JsonObject, place: str, message: str) -> None:
    [(found_place, found)] = problems(machine(state))
    assert found_place == f"/States/S{place}"
    assert message in found


@pytest.mark.parametrize(
    ("fields", "place", "message"),
    [
        ({}, "", "One of the fields 'Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath'"),
        ({"Seconds": 1, "SecondsPath": "$.a"}, "", "exclude each other"),
        ({"Seconds": -1}, "/Seconds", "from 0 to 99999999, not -1"),
        ({"Seconds": 1.5}, "/Seconds", "must be an integer, not a number"),
        ({"Seconds": True}, "/Seconds", "must be an integer, not a boolean"),
        ({"Timestamp": "tomorrow"}, "/Timestamp", "'tomorrow' is not an RFC 3339 timestamp"),
        ({"SecondsPath": "a"}, "/SecondsPath", "'a' is not a valid path"),
    ],
)
def test_a_wait_state(fields: JsonObject, place: str, message: str) -> None:
    found = problems(machine({"Type": "Wait", "End": True, **fields}))
    assert found[0][0] == f"/States/S{place}"
    assert message in found[0][1]
    assert {each_place for each_place, _ in found} == {f"/States/S{place}"}


@pytest.mark.parametrize(
    ("state", "place", "message"),
    [
        (without(TASK, "Resource"), "", "These fields are required: [Resource]"),
        ({**TASK, "Resource": "Hello"}, "/Resource", "Hello is not recognized"),
        ({**TASK, "TimeoutSeconds": 0}, "/TimeoutSeconds", "from 1 to 99999999"),
        ({**TASK, "TimeoutSeconds": 100_000_000}, "/TimeoutSeconds", "from 1 to 99999999"),
        ({**TASK, "TimeoutSeconds": 5, "HeartbeatSeconds": 5}, "/HeartbeatSeconds", "less than"),
        ({**TASK, "TimeoutSeconds": 5, "TimeoutSecondsPath": "$.t"}, "", "exclude each other"),
        ({**TASK, "HeartbeatSecondsPath": "t"}, "/HeartbeatSecondsPath", "'t' is not a valid path"),
        ({**TASK, "Retry": {}}, "/Retry", "must be an array, not an object"),
        ({**TASK, "Catch": ["A"]}, "/Catch/0", "must be an object, not a string"),
    ],
)
def test_a_task_state(state: JsonObject, place: str, message: str) -> None:
    [(found_place, found)] = problems(machine(state))
    assert found_place == f"/States/S{place}"
    assert message in found


@pytest.mark.parametrize(
    ("fields", "place", "message"),
    [
        ({"ErrorEquals": []}, "/ErrorEquals", "must name at least one error"),
        ({"ErrorEquals": "A"}, "/ErrorEquals", "must be an array, not a string"),
        ({"ErrorEquals": [1]}, "/ErrorEquals/0", "must be a string, not an integer"),
        ({"ErrorEquals": ["A", "States.ALL"]}, "/ErrorEquals", "must stand alone"),
        ({"IntervalSeconds": 0}, "/IntervalSeconds", "from 1 to"),
        ({"MaxAttempts": -1}, "/MaxAttempts", "from 0 to 99999999"),
        ({"MaxAttempts": 100_000_000}, "/MaxAttempts", "from 0 to 99999999"),
        ({"BackoffRate": 0.9}, "/BackoffRate", "from 1 to 99999999, not 0.9"),
        ({"BackoffRate": "2"}, "/BackoffRate", "must be a number, not a string"),
        ({"MaxDelaySeconds": 0}, "/MaxDelaySeconds", "from 1 to"),
        ({"MaxDelaySeconds": 31_622_400}, "/MaxDelaySeconds", "from 1 to 31622399"),
        ({"MaxDelaySeconds": 1}, "/MaxDelaySeconds", "greater than 'IntervalSeconds', which is 1"),
        ({"JitterStrategy": "HALF"}, "/JitterStrategy", "'NONE' or 'FULL', not 'HALF'"),
        ({"MaxAttemps": 2}, "/MaxAttemps", "a retrier; did you mean 'MaxAttempts'?"),
    ],
)
def test_a_retrier(fields: JsonObject, place: str, message: str) -> None:
    retrier: JsonObject = {"ErrorEquals": ["A"], **fields}
    [(found_place, found)] = problems(machine({**TASK, "Retry": [retrier]}))
    assert found_place == f"/States/S/Retry/0{place}"
    assert message in found


@pytest.mark.parametrize(
    ("catcher", "place", "message"),
    [
        ({"ErrorEquals": ["A"]}, "", "These fields are required: [Next]"),
        ({"Next": "S"}, "", "These fields are required: [ErrorEquals]"),
        ({"ErrorEquals": ["A"], "Next": "T"}, "/Next", "Missing 'Next' target: T"),
        (
            {"ErrorEquals": ["A"], "Next": "S", "ResultPath": "a"},
            "/ResultPath",
            "not a Reference Path",
        ),
        ({"ErrorEquals": ["A"], "Next": "S", "MaxAttempts": 1}, "/MaxAttempts", "of a catcher"),
    ],
)
def test_a_catcher(catcher: JsonObject, place: str, message: str) -> None:
    [(found_place, found)] = problems(machine({**TASK, "Catch": [catcher]}))
    assert found_place == f"/States/S/Catch/0{place}"
    assert message in found


@pytest.mark.parametrize("field", ["Retry", "Catch"])
def test_states_all_before_the_last_element(field: str) -> None:
    target: JsonObject = {"Next": "S"} if field == "Catch" else {}
    elements: list[Json] = [{"ErrorEquals": [name], **target} for name in ("States.ALL", "A")]
    assert problems(machine({**TASK, field: elements})) == [
        (f"/States/S/{field}/0/ErrorEquals", "'States.ALL' is allowed only in the last element")
    ]


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({**CHOICE, "Choices": []}, "/States/S/Choices"),
        (without(CHOICE, "Choices"), "/States/S"),
        ({**CHOICE, "Default": 1}, "/States/S/Default"),
        ({**CHOICE, "Retry": []}, "/States/S/Retry"),
        ({**CHOICE, "Choices": [{"Variable": "$.a", "Next": "Z"}]}, "/States/S/Choices/0"),
    ],
)
def test_a_choice_state(state: JsonObject, place: str) -> None:
    assert place in [found for found, _ in problems(machine(state, Z=END))]


@pytest.mark.parametrize(
    ("state", "place", "message"),
    [
        (without(PARALLEL, "Branches"), "", "These fields are required: [Branches]"),
        ({**PARALLEL, "Branches": []}, "/Branches", "at least one branch"),
        ({**PARALLEL, "Branches": [3]}, "/Branches/0", "must be an object, not an integer"),
        (
            {**PARALLEL, "Branches": [{**ONE_STATE, "TimeoutSeconds": 1}]},
            "/Branches/0/TimeoutSeconds",
            "is not a field of a branch",
        ),
        (without(MAP, "ItemProcessor"), "", "One of the fields 'ItemProcessor', 'Iterator'"),
        ({**MAP, "Iterator": ONE_STATE}, "", "'ItemProcessor' and 'Iterator' exclude each other"),
        ({**MAP, "ItemSelector": {}, "Parameters": {}}, "", "exclude each other"),
        ({**MAP, "ItemsPath": "items"}, "/ItemsPath", "'items' is not a valid path"),
        ({**MAP, "MaxConcurrency": -1}, "/MaxConcurrency", "from 0 to"),
        ({**MAP, "MaxConcurrency": 1, "MaxConcurrencyPath": "$.a"}, "", "exclude each other"),
        ({**MAP, "Label": "a"}, "/Label", "only in mode DISTRIBUTED"),
        ({**DISTRIBUTED_MAP, "Label": "a b"}, "/Label", "Label contains invalid character: ' '"),
        ({**DISTRIBUTED_MAP, "Label": "a" * 41}, "/Label", "'Label' must have 1 to 40 characters"),
        ({**DISTRIBUTED_MAP, "Label": ""}, "/Label", "'Label' must have 1 to 40 characters"),
        (
            {**DISTRIBUTED_MAP, "ToleratedFailurePercentage": 100.5},
            "/ToleratedFailurePercentage",
            "from 0 to 100, not 100.5",
        ),
    ],
)
def test_a_nesting_state(state: JsonObject, place: str, message: str) -> None:
    [(found_place, found)] = problems(machine(state))
    assert found_place == f"/States/S{place}"
    assert message in found


@pytest.mark.parametrize(
    ("config", "place", "message"),
    [
        ({"Mode": "PARALLEL"}, "/Mode", "'INLINE' or 'DISTRIBUTED', not 'PARALLEL'"),
        ({"Mode": "DISTRIBUTED"}, "", "These fields are required: [ExecutionType]"),
        ({"ExecutionType": "EXPRESS"}, "/ExecutionType", "only in mode DISTRIBUTED"),
        (
            {"Mode": "DISTRIBUTED", "ExecutionType": "FAST"},
            "/ExecutionType",
            "'STANDARD' or 'EXPRESS', not 'FAST'",
        ),
        ({"Modus": "INLINE"}, "/Modus", "is not a field of a ProcessorConfig"),
    ],
)
def test_a_processor_config(config: JsonObject, place: str, message: str) -> None:
    state = {**MAP, "ItemProcessor": {"ProcessorConfig": config, **ONE_STATE}}
    [(found_place, found)] = problems(machine(state))
    assert found_place == f"/States/S/ItemProcessor/ProcessorConfig{place}"
    assert message in found
