"""Definitions that do not conform: each is refused with the place and the reason, and no more."""

import json

import pytest

from pipeline.language.definition import parse_definition
from pipeline.language.errors import InvalidDefinition
from pipeline.language.json_value import Json, JsonObject
from tests.unit.language.documents import (
    CHOICE,
    END,
    ONE_STATE,
    PARALLEL,
    TASK,
    machine,
    problems,
    without,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"StartAt": }', "Not JSON: Expecting value at line 1, column 13"),
        ('{\n "StartAt": "A",\n}', "line 3, column 1"),
        ("", "The definition is empty"),
        ('{"Comment": NaN}', "NaN is not a JSON value"),
        ("[]", "The definition must be a JSON object"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_text_that_is_no_json_object(text: str, message: str) -> None:
    [(place, found)] = problems(text)
    assert place == ""
    assert message in found


def test_an_object_nested_too_deeply() -> None:
    value: Json = {}
    for _ in range(5000):
        value = {"a": value}
    [(place, message)] = problems(machine({**END, "Parameters": value}))
    assert (place, message) == ("", "The definition is nested too deeply")


def test_a_key_that_stands_twice_in_one_object() -> None:
    text = json.dumps(machine(END)).replace('"End": true', '"End": true, "End": true')
    assert problems(text) == [("/States/S/End", "The key 'End' stands there more than once")]


@pytest.mark.parametrize(
    ("document", "place", "message"),
    [
        (without(ONE_STATE, "StartAt"), "", "These fields are required: [StartAt]"),
        ({"StartAt": 1, "States": {"S": END}}, "/StartAt", "must be a string, not an integer"),
        ({"StartAt": "Inne", "States": {"Inner": END}}, "/StartAt", "did you mean 'Inner'?"),
        ({**ONE_STATE, "Timeoutseconds": 1}, "/Timeoutseconds", "did you mean 'TimeoutSeconds'?"),
        ({**ONE_STATE, "Banana": 1}, "/Banana", "'Banana' is not a field of a state machine"),
        ({**ONE_STATE, "TimeoutSeconds": 0}, "/TimeoutSeconds", "from 1 to 99999999, not 0"),
        ({**ONE_STATE, "TimeoutSeconds": "1"}, "/TimeoutSeconds", "an integer, not a string"),
        ({**ONE_STATE, "Version": "2.0"}, "/Version", "must be '1.0', not '2.0'"),
        ({**ONE_STATE, "QueryLanguage": "SQL"}, "/QueryLanguage", "'JSONPath' or 'JSONata'"),
        ({**ONE_STATE, "Comment": None}, "/Comment", "must be a string, not null"),
    ],
)
def test_the_machine_itself(document: JsonObject, place: str, message: str) -> None:
    [(found_place, found)] = problems(document)
    assert found_place == place
    assert message in found


def test_missing_states() -> None:
    assert problems({"StartAt": "S"}) == [
        ("", "These fields are required: [States]"),
        ("/StartAt", "Missing 'StartAt' target: S"),
    ]
    assert ("/States", "There must be at least one state") in problems(
        {"StartAt": "S", "States": {}}
    )


def test_targets_that_do_not_exist() -> None:
    choice: JsonObject = {**CHOICE, "Default": "Y"}
    found = problems(machine({"Type": "Pass", "Next": "Chose"}, Choose=choice))
    assert [place for place, _ in found] == [
        "/States/S/Next",
        "/States/Choose/Default",
        "/States/Choose/Choices/0/Next",
        "/States/Choose",
    ]
    assert found[0][1] == "Missing 'Next' target: Chose; did you mean 'Choose'?"


def test_a_target_in_another_scope_does_not_exist() -> None:
    branch: JsonObject = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Next": "Z"}}}
    state: JsonObject = {"Type": "Parallel", "Branches": [branch], "Next": "Z"}
    assert problems(machine(state, Z=END)) == [
        (
            "/States/S/Branches/0/States/In/Next",
            "Missing 'Next' target: Z",
        )
    ]


def test_states_that_cannot_be_reached() -> None:
    loop: JsonObject = {"Type": "Pass", "Next": "Loop"}
    assert problems(machine(END, Loop=loop, Alone=END)) == [
        ("/States/Loop", 'State "Loop" is not reachable.'),
        ("/States/Alone", 'State "Alone" is not reachable.'),
    ]


def test_a_scope_without_a_reachable_end() -> None:
    [(place, message)] = problems(
        machine({"Type": "Pass", "Next": "T"}, T={"Type": "Pass", "Next": "S"})
    )
    assert place == "/States"
    assert message.startswith("No end is reachable from 'S'")


def test_a_name_that_is_taken_in_another_scope() -> None:
    branches: JsonObject = {**PARALLEL, "Branches": [ONE_STATE, ONE_STATE]}
    [(place, message)] = problems(machine(branches))
    assert place == "/States/S/Branches/1/States/Inner"
    assert (
        "Duplicate State name: Inner; it is taken by /States/S/Branches/0/States/Inner" in message
    )


@pytest.mark.parametrize("name", ["", "n" * 81])
def test_a_name_of_no_or_too_many_characters(name: str) -> None:
    found = problems({"StartAt": "S", "States": {"S": {"Type": "Pass", "Next": name}, name: END}})
    assert (f"/States/{name}", f"A state's name has 1 to 80 characters, not {len(name)}") in found


def test_a_place_escapes_the_name_of_its_state() -> None:
    document: JsonObject = {"StartAt": "a/b~c", "States": {"a/b~c": {**END, "Result path": 1}}}
    assert [place for place, _ in problems(document)] == ["/States/a~1b~0c/Result path"]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:states:::sqs:receiveMessage",
        "arn:aws:states:::batch:submitJob.sync",
        "arn:aws:states:::aws-sdk:s3:getObject.sync",
        "arn:aws:states:::http:invoke.waitForTaskToken",
        "arn:aws:states:::lambda:invoke.sync",
    ],
)
def test_an_integration_that_is_not_supported_yet_is_named(arn: str) -> None:
    [(place, message)] = problems(machine({**TASK, "Resource": arn}))
    assert place == "/States/S/Resource"
    assert message.startswith("StateBag does not support")
    assert arn in message


def test_all_problems_are_reported_at_once() -> None:
    wrong_retrier: JsonObject = {"ErrorEquals": ["A"], "BackoffRate": 0}
    task: JsonObject = {**without(TASK, "End"), "Retry": [wrong_retrier], "Next": "Nowhere"}
    document: JsonObject = {**machine(task, Alone={"Type": "Wait", "End": True}), "Extra": 1}
    with pytest.raises(InvalidDefinition) as refusal:
        parse_definition(document)
    assert [problem.place for problem in refusal.value.problems] == [
        "/States/S/Retry/0/BackoffRate",
        "/States/Alone",
        "/States/S/Next",
        "/States/Alone",
        "/Extra",
    ]
    assert str(refusal.value).startswith("The definition has 5 problems:")
