"""The types of a request's members."""

import base64
import json
from typing import Any

import pytest
from botocore.model import DenormalizedStructureBuilder

from pipeline.api.errors import ApiError
from pipeline.api.input_types import parse_input
from pipeline.api.service_model import operation

SHAPE = (
    DenormalizedStructureBuilder()
    .with_members(
        {
            "text": {"type": "string"},
            "flag": {"type": "boolean"},
            "count": {"type": "integer"},
            "big": {"type": "long"},
            "share": {"type": "float"},
            "at": {"type": "timestamp"},
            "bytes": {"type": "blob"},
            "texts": {"type": "list", "member": {"type": "string"}},
            "named": {"type": "map", "key": {"type": "string"}, "value": {"type": "integer"}},
            "inner": {"type": "structure", "members": {"text": {"type": "string"}}},
        }
    )
    .build_model()
)

GOOD: dict[str, Any] = {
    "text": "π\n",
    "flag": False,
    "count": -(2**31),
    "big": 2**63 - 1,
    "share": 3,
    "at": 1700000000.25,
    "texts": [],
    "named": {"a": 1},
    "inner": {"text": ""},
}


def parse(members: Any) -> dict[str, Any]:
    return parse_input(json.dumps(members).encode(), SHAPE)


def complaint(body: bytes) -> str:
    with pytest.raises(ApiError) as caught:
        parse_input(body, SHAPE)
    assert caught.value.code == "SerializationException"
    return caught.value.message


def test_members_of_the_right_types_are_taken_as_they_are() -> None:
    assert parse(GOOD) == GOOD


def test_a_blob_is_decoded() -> None:
    assert parse({"bytes": base64.b64encode(b"\x00\xff").decode()}) == {"bytes": b"\x00\xff"}


def test_null_and_unknown_members_are_not_there() -> None:
    assert parse({"text": None, "colour": "red", "inner": {"text": None, "x": 1}}) == {"inner": {}}


def test_an_integer_may_be_written_with_a_fraction_of_zero() -> None:
    count = parse({"count": 10.0})["count"]
    assert (count, type(count)) == (10, int)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"text": 1}, "NUMBER_VALUE cannot be converted to String"),
        ({"text": True}, "TRUE_VALUE cannot be converted to String"),
        ({"text": []}, "Start of list found where not expected"),
        ({"text": {}}, "Start of structure or map found where not expected."),
        ({"flag": "true"}, "STRING_VALUE cannot be converted to Boolean"),
        ({"flag": 0}, "NUMBER_VALUE cannot be converted to Boolean"),
        ({"count": "1"}, "STRING_VALUE cannot be converted to Integer"),
        ({"count": False}, "FALSE_VALUE cannot be converted to Integer"),
        ({"count": 1.5}, "NUMBER_VALUE cannot be converted to Integer"),
        ({"count": 2**31}, "NUMBER_VALUE cannot be converted to Integer"),
        ({"big": 2**63}, "NUMBER_VALUE cannot be converted to Long"),
        ({"big": 1e300}, "NUMBER_VALUE cannot be converted to Long"),
        ({"share": "0.5"}, "STRING_VALUE cannot be converted to Float"),
        ({"texts": "a"}, "STRING_VALUE cannot be converted to List"),
        ({"texts": [1]}, "NUMBER_VALUE cannot be converted to String"),
        ({"named": "a"}, "STRING_VALUE cannot be converted to Map"),
        ({"named": {"a": "b"}}, "STRING_VALUE cannot be converted to Integer"),
        ({"inner": "a"}, "STRING_VALUE cannot be converted to Structure"),
        ({"bytes": "?"}, "STRING_VALUE cannot be converted to Blob"),
        ({"bytes": "é"}, "STRING_VALUE cannot be converted to Blob"),
        ([], "Start of list found where not expected"),
        (None, "NULL_VALUE cannot be converted to Structure"),
    ],
)
def test_a_wrong_type_is_named(members: Any, message: str) -> None:
    assert complaint(json.dumps(members).encode()) == message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'text': 1}",
        b'{"text": "\xff"}',
        b'{"text": "\\ud800"}',
        b'{"share": NaN}',
        b'{"share": 1e999}',
        b'{"inner": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    assert complaint(body).startswith("The request is not JSON")


def test_every_action_of_the_service_has_a_model() -> None:
    assert operation("StartExecution").input_shape.required_members == ["stateMachineArn"]
    assert operation("StartExecutions") is None
