"""Requests made from botocore's model of Step Functions: good ones, and good ones spoilt."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st

from pipeline.api.service_model import operation, service_model
from tests.acceptance.spoiling import JUNK_HEADERS, spoilt, spoilt_bodies
from tests.zips import zip_of

ACCOUNT = "arn:aws:states:us-east-1:000000000000"
LONG_POLL = "GetActivityTask"

_ROLE = "arn:aws:iam::000000000000:role/r"

ZIP = base64.b64encode(zip_of("def handler(event, context):\n    return event\n")).decode()
"""Code that returns its event."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request."""

    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"
    path: str = "/"


def _machine(**state: Any) -> str:
    return json.dumps({"StartAt": "S", "States": {"S": {"End": True, **state}}})


_PASS = {"Type": "Pass", "End": True}
_DEFINITIONS = st.sampled_from(
    [
        _machine(Type="Pass"),
        _machine(Type="Pass", Result={"a": [1, "π"]}, ResultPath="$.b"),
        _machine(Type="Pass", Parameters={"a.$": "States.Array($.a, 1)"}),
        _machine(Type="Wait", Seconds=0),
        _machine(Type="Task", Resource="arn:aws:states:::lambda:invoke", Parameters={}),
        _machine(Type="Task", Resource="arn:aws:states:us-east-1:000000000000:activity:a"),
        _machine(
            Type="Map", ItemProcessor={"StartAt": "P", "States": {"P": _PASS}}, ItemsPath="$.a"
        ),
        _machine(Type="Parallel", Branches=[{"StartAt": "P", "States": {"P": _PASS}}] * 2),
        '{"Type": "Pass", "End": true}',
        '{"Type": "Choice", "Choices": [], "Default": "A"}',
        '{"StartAt": "A", "States": {}}',
        '{"StartAt": "A"',
        "null",
        "[" * 2000 + "]" * 2000,
    ]
)
_NAMES = st.sampled_from(
    [*"mnemnemnea", "live", "live", "a b", "é", "x" * 80, "x" * 81, "a/b", "", "1"]
)
_DOCUMENTS = st.sampled_from(
    [
        *("{}", '{"a": [1, 2]}', "[]", "1e400", '"\\ud800"', "{", "", "NaN", "1" * 400, "1" * 5000),
        *('"\\u0000"', '{"a": 1, "a": 2}', "\ufeff{}", "[" * 50_000),
        *("[" * depth + "]" * depth for depth in (300, 1000, 1001, 9990)),
    ]
)
_TOKENS = st.sampled_from(
    [
        *("token", "AAAA", "e30=", "x" * 2048, "é"),
        *(base64.b64encode(token).decode() for token in (b"\x00:s", b"a\x00b:s", b"\xff:s", b"::")),
    ]
)
_FUNCTIONS = st.sampled_from(
    [
        *(
            "f",
            "f",
            "f",
            "f",
            "f",
            "g",
            "g",
            "g",
            "echo",
            "echo",
            "none",
            "f:1",
            "f:$LATEST",
            "000000000000:function:f",
        ),
        *(f"arn:aws:lambda:us-east-1:{account}:function:f" for account in ("0" * 12, "1" * 12)),
        *("a b", "é", "a/b", "%00", "..", "x" * 65, "x" * 200, ""),
    ]
)
_RESOURCES = st.sampled_from(
    [
        "stateMachine:m",
        "stateMachine:n",
        "stateMachine:m:1",
        "stateMachine:m:live",
        "stateMachine:m/Map",
        "execution:m:e",
        "express:m:e:f",
        "mapRun:m/Map:e",
        "mapRun:m/e:f",
        "activity:a",
        "activity:none",
        "stateMachine:",
        "banana:m",
        "",
    ]
)
_ANY_ARNS = st.one_of(
    _RESOURCES.map(lambda resource: f"{ACCOUNT}:{resource}"),
    st.sampled_from(
        [
            _ROLE,
            "arn:aws:states:eu-west-1:111122223333:stateMachine:m",
            "arn:aws:states:us-east-1:banana:stateMachine:m",
            "arn:aws:lambda:us-east-1:000000000000:function:f",
            "arn:" + ":" * 40,
            "not-an-arn",
        ]
    ),
)
_USUAL_ARNS = {
    "roleArn": [_ROLE],
    "activityArn": [f"{ACCOUNT}:activity:a"],
    "executionArn": [f"{ACCOUNT}:execution:m:{name}" for name in ("e", "m", "n")],
    "stateMachineAliasArn": [f"{ACCOUNT}:stateMachine:m:live"],
    "stateMachineVersionArn": [f"{ACCOUNT}:stateMachine:m:{version}" for version in (1, 2)],
    "stateMachineArn": [f"{ACCOUNT}:stateMachine:{name}" for name in ("m", "n", "e", "m:live")],
    "resourceArn": [f"{ACCOUNT}:{kind}" for kind in ("stateMachine:m", "activity:a")],
}
_TEXTS = {
    "definition": _DEFINITIONS,
    "name": _NAMES,
    "input": _DOCUMENTS,
    "output": _DOCUMENTS,
    "context": _DOCUMENTS,
    "variables": _DOCUMENTS,
    "result": _DOCUMENTS,
    "taskToken": _TOKENS,
    "FunctionName": _FUNCTIONS,
    "Runtime": st.sampled_from(["python3.12", "python3.12", "python2.7", "cobol"]),
    "Handler": st.sampled_from(["index.handler", "index.handler", "index.none", "none.none", "é"]),
    "Role": st.just(_ROLE),
}

_ANY_TEXT = st.text(max_size=20)


@cache
def inputs(shape: Any) -> st.SearchStrategy[dict[str, Any]]:
    """What an action may be given: what it needs, or more."""
    # The more members there are, the less likely it is that a request gets far.
    required = {name: _values(shape.members[name], name) for name in shape.required_members}
    return st.one_of(st.fixed_dictionaries(required), _structures(shape))


def _values(shape: Any, name: str) -> st.SearchStrategy[Any]:
    match shape.type_name:
        case "structure":
            values: st.SearchStrategy[Any] = _structures(shape)
        case "list":
            values = st.lists(_values(shape.member, name), max_size=3)
        case "map":
            values = st.dictionaries(_NAMES, _values(shape.value, name), max_size=2)
        case "integer" | "long":
            given = shape.metadata
            values = st.integers(given.get("min", -5), min(given.get("max", 10), 1000))
        case "boolean":
            values = st.booleans()
        case "float" | "double":
            values = st.floats(0, 100)
        case "blob":
            values = st.sampled_from([ZIP, ZIP, ZIP[:40], "", "AAAA", "?"])
        case _:
            values = _texts(shape, name)
    return values


def _texts(shape: Any, name: str) -> st.SearchStrategy[str]:
    if shape.enum and name not in _TEXTS:
        return st.sampled_from(shape.enum)
    if name.lower().endswith("arn"):
        return _arns(name)
    return _TEXTS.get(name, _ANY_TEXT)


def _arns(name: str) -> st.SearchStrategy[str]:
    if name not in _USUAL_ARNS:
        return _ANY_ARNS
    usual = st.sampled_from(_USUAL_ARNS[name])
    return st.one_of(usual, usual, usual, _ANY_ARNS)


def _structures(shape: Any) -> st.SearchStrategy[dict[str, Any]]:
    members = {name: _values(member, name) for name, member in shape.members.items()}
    required = {name: members.pop(name) for name in shape.required_members}
    return st.fixed_dictionaries(required, optional=members)


_MAKING = ["CreateStateMachine", "PublishStateMachineVersion", "StartExecution", "TestState"]
"""Actions that give the others something to work on, or do much work themselves."""


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    """A request to any action; every other one is as the model has it, the others are spoilt."""
    action = draw(st.sampled_from([*service_model().operation_names, *_MAKING * 3]))
    members = draw(inputs(operation(action).input_shape))
    if action == LONG_POLL:
        # An activity that exists would be waited for.
        members["activityArn"] = f"{ACCOUNT}:activity:none"
    headers = {
        "X-Amz-Target": f"AWSStepFunctions.{action}",
        "Content-Type": "application/x-amz-json-1.0",
    }
    match draw(st.sampled_from([*["good"] * 5, "member", "members", "body", "target", "header"])):
        case "member":
            members = spoilt(draw, members)
        case "members":
            members = spoilt(draw, spoilt(draw, members))
        case "body":
            return Sent(draw(spoilt_bodies(members)), headers)
        case "target":
            headers |= {"X-Amz-Target": draw(_TARGETS)}
        case "header":
            headers |= draw(JUNK_HEADERS)
    return Sent(json.dumps(members).encode(), headers)


_TARGETS = st.one_of(
    st.sampled_from(["", "AWSStepFunctions.", "AWSStepFunctions.Dance", "startExecution", "é"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
)
