"""ValidateStateMachineDefinition, by boto3."""

import json
from typing import Any

import pytest

from tests.api_server import Api
from tests.integration.api.machines import giving
from tests.machines import call_with_token, only


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


def machine(**states: Any) -> str:
    return json.dumps({"StartAt": next(iter(states)), "States": states})


END = {"Type": "Pass", "End": True}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
WIDE = {"Type": "Map", "ItemProcessor": {**DISTRIBUTED, **only(END, "In")}}
WIDER = {"Type": "Map", "ItemProcessor": {**DISTRIBUTED, **only(END, "Within")}}


def test_a_definition_that_conforms_is_ok(client: Any) -> None:
    answer = client.validate_state_machine_definition(definition=giving(1))
    answer.pop("ResponseMetadata")
    assert answer == {"result": "OK", "diagnostics": [], "truncated": False}


@pytest.mark.parametrize(
    ("definition", "code", "location"),
    [
        ('{"a', "INVALID_JSON_DESCRIPTION", None),
        (giving(1).replace('"Pass"', '"Pause"'), "SCHEMA_VALIDATION_FAILED", "/States/Give/Type"),
        (
            machine(A={"Type": "Pass", "Next": "B"}, C=END),
            "MISSING_TRANSITION_TARGET",
            "/States/A/Next",
        ),
        (machine(A=END, C=END), "MISSING_TRANSITION_TARGET", "/States/C"),
        (
            machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"}),
            "MISSING_END_STATE",
            "/States",
        ),
        (machine(**{"0": {**END, "Next": "1"}}), "MISSING_TRANSITION_TARGET", "/States/0/Next"),
        (machine(**{"s" * 81: END}), "INVALID_STATE_NAME", "/States/" + "s" * 81),
        (machine(A={**WIDE, "Label": "a b"}), "INVALID_LABEL_NAME", "/States/A/Label"),
        (
            machine(A={**WIDE, "Label": "x", "Next": "B"}, B={**WIDER, "Label": "x", "End": True}),
            "DUPLICATE_LABEL_NAME",
            "/States/B/Label",
        ),
        (" ", "MISSING_DESCRIPTION", None),
        ("[" * 100_000, "TOO_DEEPLY_NESTED", None),
        (
            machine(A={"Type": "Parallel", "Branches": [only(END, "A")], "End": True}),
            "DUPLICATE_STATE_NAME",
            "/States/A/Branches[0]/States/A",
        ),
    ],
)
def test_a_problem_is_told_with_its_code_and_place(
    client: Any, definition: str, code: str, location: str | None
) -> None:
    answer = client.validate_state_machine_definition(definition=definition)
    assert answer["result"] == "FAIL"
    told = [
        (found["severity"], found["code"], found.get("location")) for found in answer["diagnostics"]
    ]
    assert ("ERROR", code, location) in told
    assert all(found["message"] for found in answer["diagnostics"])


def test_no_more_problems_are_told_than_asked_for(client: Any) -> None:
    definition = machine(A=END, **{f"B{number}": END for number in range(150)})
    few = client.validate_state_machine_definition(definition=definition, maxResults=3)
    assert (len(few["diagnostics"]), few["truncated"]) == (3, True)
    many = client.validate_state_machine_definition(definition=definition, maxResults=0)
    assert (len(many["diagnostics"]), many["truncated"]) == (100, True)


WARNED = machine(
    P={"Type": "Pass", "Parameters": {"a": "$.x", "b": ["$"], "c": "$1"}, "Next": "R"},
    R={"Type": "Pass", "Result": {"v": ["$.x"]}, "Next": "C"},
    C={
        "Type": "Choice",
        "Choices": [
            {"Not": {"Variable": "$.x", "StringEquals": "$.y"}, "Next": "F"},
            {"Variable": "$.x", "StringEqualsPath": "$.y", "Next": "F"},
        ],
        "Default": "M",
    },
    M={
        "Type": "Map",
        "ItemProcessor": only({**END, "Parameters": {"u": "States.UUID()"}}, "In"),
        "Next": "J",
    },
    J={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "$.x", "Next": "F"},
    F={"Type": "Fail", "Cause": "$.why"},
)


def test_warnings_are_told_where_they_are_asked_for(client: Any) -> None:
    answer = client.validate_state_machine_definition(definition=WARNED, severity="WARNING")
    assert answer["result"] == "OK"
    assert [
        (found["severity"], found["code"], found["location"]) for found in answer["diagnostics"]
    ] == [
        ("WARNING", "NO_DOLLAR", "/States/P/Parameters/a"),
        ("WARNING", "PASS_RESULT_IS_STATIC", "/States/R/Result"),
        ("WARNING", "NO_PATH", "/States/C/Choices[0]/Not/StringEquals"),
        ("WARNING", "NO_DOLLAR", "/States/M/ItemProcessor/States/In/Parameters/u"),
        ("WARNING", "NO_PATH", "/States/F/Cause"),
    ]
    silent = client.validate_state_machine_definition(definition=WARNED)
    assert silent["diagnostics"] == []


def test_the_type_counts(client: Any) -> None:
    definition = json.dumps(only(call_with_token("ask", {})))
    for machine_type, result in (("STANDARD", "OK"), ("EXPRESS", "FAIL")):
        answer = client.validate_state_machine_definition(
            definition=definition, type=machine_type, severity="WARNING"
        )
        assert answer["result"] == result
