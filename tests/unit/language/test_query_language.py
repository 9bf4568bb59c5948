"""QueryLanguage in definitions: which language a state is in, and the fields of the other one."""

import pytest

from pipeline.language.definition import parse_definition
from pipeline.language.json_path_flow import JsonPathFlow
from pipeline.language.json_value import JsonObject
from pipeline.language.jsonata_flow import JsonataFlow
from pipeline.language.states.pass_ import Pass
from tests.unit.language.documents import (
    CHOICE,
    DISTRIBUTED,
    END,
    MAP,
    ONE_STATE,
    PARALLEL,
    TASK,
    machine,
    problems,
)

WAIT: JsonObject = {"Type": "Wait", "Seconds": 1, "End": True}
SUCCEED: JsonObject = {"Type": "Succeed"}
FAIL: JsonObject = {"Type": "Fail"}
JSONATA_CHOICE: JsonObject = {"Type": "Choice", "Choices": [{"Condition": True, "Next": "Z"}]}
CATCH: JsonObject = {"ErrorEquals": ["A"], "Next": "Z"}
INVOKE: JsonObject = {**TASK, "Resource": "arn:aws:states:::lambda:invoke"}


def jsonata(state: JsonObject, **others: JsonObject) -> JsonObject:
    return {"QueryLanguage": "JSONata", **machine(state, **others)}


def test_a_machine_is_jsonpath_unless_it_says_otherwise() -> None:
    flows = [
        state.flow
        for document in (ONE_STATE, {**ONE_STATE, "QueryLanguage": "JSONPath"})
        for state in parse_definition(document).scopes[""].states.values()
        if isinstance(state, Pass)
    ]
    assert flows == [JsonPathFlow(), JsonPathFlow()]


def test_a_state_of_a_jsonpath_machine_may_be_jsonata_and_the_states_within_are_not() -> None:
    fan: JsonObject = {**PARALLEL, "QueryLanguage": "JSONata", "Output": 1}
    parsed = parse_definition(machine(fan))
    outer, inner = parsed.scopes[""].states["S"], parsed.scopes["/States/S/Branches/0"]
    assert isinstance(getattr(outer, "flow", None), JsonataFlow)
    assert getattr(inner.states["Inner"], "flow", None) == JsonPathFlow()


def test_the_language_of_the_machine_holds_at_every_depth() -> None:
    inner = parse_definition(jsonata(PARALLEL)).scopes["/States/S/Branches/0"].states["Inner"]
    assert getattr(inner, "flow", None) == JsonataFlow()


def test_a_state_of_a_jsonata_machine_cannot_be_jsonpath() -> None:
    [(place, message)] = problems(jsonata({**END, "QueryLanguage": "JSONPath"}))
    assert place == "/States/S/QueryLanguage"
    assert "JSONPath" in message
    parse_definition(jsonata({**END, "QueryLanguage": "JSONata"}))


@pytest.mark.parametrize("document", [machine(END), jsonata(END)])
def test_an_unknown_query_language_is_refused(document: JsonObject) -> None:
    assert [place for place, _ in problems({**document, "QueryLanguage": "SQL"})] == [
        "/QueryLanguage"
    ]


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (END, {"InputPath": "$", "OutputPath": "$", "ResultPath": "$", "Parameters": {}}),
        (END, {"Result": 1}),
        (TASK, {"InputPath": "$", "ResultSelector": {}, "TimeoutSecondsPath": "$.a"}),
        (TASK, {"HeartbeatSecondsPath": "$.a", "Parameters": {}, "ResultPath": None}),
        (PARALLEL, {"Parameters": {}, "ResultSelector": {}, "OutputPath": None}),
        (MAP, {"ItemsPath": "$", "MaxConcurrencyPath": "$.a", "Parameters": {}}),
        (WAIT, {"SecondsPath": "$.a", "TimestampPath": "$.a", "InputPath": "$"}),
        (SUCCEED, {"InputPath": "$", "OutputPath": "$"}),
        (FAIL, {"ErrorPath": "$.e", "CausePath": "$.c"}),
        (JSONATA_CHOICE, {"InputPath": "$", "OutputPath": "$"}),
    ],
)
def test_fields_of_jsonpath_are_refused_in_a_jsonata_state(
    state: JsonObject, fields: JsonObject
) -> None:
    others = {"Z": END} if state is JSONATA_CHOICE else {}
    found = problems(jsonata({**state, **fields}, **others))
    assert sorted(place for place, _ in found) == sorted(f"/States/S/{name}" for name in fields)
    assert all("a field of JSONPath" in message for _, message in found)


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (END, {"Output": 1, "Arguments": {}}),
        (TASK, {"Output": 1, "Arguments": {}}),
        (PARALLEL, {"Output": 1, "Arguments": {}}),
        (MAP, {"Output": 1, "Items": []}),
        (WAIT, {"Output": 1}),
        (SUCCEED, {"Output": 1}),
    ],
)
def test_fields_of_jsonata_are_refused_in_a_jsonpath_state(
    state: JsonObject, fields: JsonObject
) -> None:
    found = problems(machine({**state, **fields}))
    assert sorted(place for place, _ in found) == sorted(f"/States/S/{name}" for name in fields)
    assert all("a field of JSONata" in message for _, message in found)


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({**END, "Output": "{% 1 + %}"}, "Output"),
        ({**END, "Output": {"a": ["{% ( %}"]}}, "Output/a/0"),
        ({**END, "Assign": {"a": "{% ) %}"}}, "Assign/a"),
        ({**END, "Assign": "{% {} %}"}, "Assign"),
        ({**END, "Assign": {"a.$": 1}}, "Assign/a.$"),
        ({**TASK, "Arguments": 1}, "Arguments"),
        ({**TASK, "Arguments": "text"}, "Arguments"),
        ({**TASK, "TimeoutSeconds": "text"}, "TimeoutSeconds"),
        ({**TASK, "TimeoutSeconds": "{% ( %}"}, "TimeoutSeconds"),
        ({**TASK, "TimeoutSeconds": 0}, "TimeoutSeconds"),
        ({**MAP, "Items": "text"}, "Items"),
        ({**MAP, "Items": 1}, "Items"),
        ({**MAP, "ItemSelector": []}, "ItemSelector"),
        ({**WAIT, "Timestamp": "tomorrow"}, ""),
        ({"Type": "Wait", "Timestamp": "tomorrow", "End": True}, "Timestamp"),
        ({**FAIL, "Cause": 1}, "Cause"),
        ({**JSONATA_CHOICE, "Choices": [{"Next": "Z"}]}, "Choices/0"),
        ({**JSONATA_CHOICE, "Choices": [{"Condition": "yes", "Next": "Z"}]}, "Choices/0/Condition"),
        ({**JSONATA_CHOICE, "Choices": [{"Condition": 1, "Next": "Z"}]}, "Choices/0/Condition"),
        (
            {**JSONATA_CHOICE, "Choices": [{**CHOICE["Choices"][0], "Condition": True}]},  # type: ignore[dict-item, index]
            "Choices/0/Variable",
        ),
        (
            {**TASK, "Catch": [{**CATCH, "ResultPath": "$"}]},
            "Catch/0/ResultPath",
        ),
        ({**SUCCEED, "Assign": {"a": 1}}, "Assign"),
        ({**END, "Output": "{% $states.result %}"}, "Output"),
        ({**END, "Assign": {"a": "{% $states.result.b %}"}}, "Assign"),
        ({**TASK, "Arguments": {"a": "{% $states.result %}"}}, "Arguments"),
        ({**TASK, "Output": "{% $states.errorOutput %}"}, "Output"),
        ({**TASK, "TimeoutSeconds": "{% $states.result %}"}, "TimeoutSeconds"),
        (
            {**TASK, "Catch": [{**CATCH, "Output": "{% $states.result %}"}]},
            "Catch/0/Output",
        ),
    ],
)
def test_what_does_not_conform_in_jsonata_is_refused_at_its_place(
    state: JsonObject, place: str
) -> None:
    found = [each for each, _ in problems(jsonata(state, Z=END))]
    assert f"/States/S/{place}".rstrip("/") in found


def test_a_distributed_map_of_jsonata_has_arguments_for_its_reader() -> None:
    reader: JsonObject = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON", "MaxItems": "{% 5 %}"},
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    state = {**MAP, "ItemProcessor": {**DISTRIBUTED, **ONE_STATE}, "ItemReader": reader}
    places = [place for place, _ in problems(jsonata(state))]
    assert places == ["/States/S/ItemReader", "/States/S/ItemReader/Parameters"]


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (machine(INVOKE), ""),
        (machine({**INVOKE, "Parameters": {"Payload": 1}}), "/Parameters"),
        (machine({**INVOKE, "Parameters": {"FunctionName": "f", "Pay": 1}}), "/Parameters/Pay"),
        (jsonata({**INVOKE, "Arguments": {"Payload": 1}}), "/Arguments"),
        (jsonata({**INVOKE, "Arguments": {"FunctionName": "f", "a.$": 1}}), "/Arguments/a.$"),
    ],
)
def test_the_arguments_of_lambda_invoke_are_checked(document: JsonObject, place: str) -> None:
    assert [found for found, _ in problems(document)] == [f"/States/S{place}"]


def test_good_arguments_of_lambda_invoke_are_taken() -> None:
    parse_definition(machine({**INVOKE, "Parameters": {"FunctionName.$": "$.f", "Payload.$": "$"}}))
    parse_definition(jsonata({**INVOKE, "Arguments": {"FunctionName": "f", "Payload": 1}}))
    parse_definition(jsonata({**INVOKE, "Arguments": "{% $states.input %}"}))
