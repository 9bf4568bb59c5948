"""Outputs as the model shapes them."""

import json

from botocore.model import DenormalizedStructureBuilder

from pipeline.api.output_shapes import output_body
from pipeline.api.service_model import operation


def test_timestamps_are_epoch_seconds_with_milliseconds() -> None:
    shape = operation("StartExecution").output_shape
    output = {"executionArn": "arn", "startDate": 1700000000.1239}
    assert json.loads(output_body(output, shape)) == {
        "executionArn": "arn",
        "startDate": 1700000000.124,
    }


def test_members_that_are_none_or_unknown_are_left_out_at_every_depth() -> None:
    shape = operation("ListExecutions").output_shape
    output = {"executions": [{"name": "n", "stopDate": None, "mood": 1}], "nextToken": None}
    assert json.loads(output_body(output, shape)) == {"executions": [{"name": "n"}]}


def test_an_action_without_output_answers_with_an_empty_object() -> None:
    assert output_body({}, None) == b"{}"


def test_blobs_are_base64_and_maps_keep_their_keys() -> None:
    shape = (
        DenormalizedStructureBuilder()
        .with_members(
            {
                "data": {"type": "blob"},
                "byName": {
                    "type": "map",
                    "key": {"type": "string"},
                    "value": {"type": "list", "member": {"type": "string"}},
                },
            }
        )
        .build_model()
    )
    body = output_body({"data": b"\xff", "byName": {"a": ["b"]}}, shape)
    assert json.loads(body) == {"data": "/w==", "byName": {"a": ["b"]}}


def test_text_that_has_no_utf8_form_is_escaped() -> None:
    shape = operation("GetActivityTask").output_shape
    assert output_body({"input": "\ud800"}, shape) == b'{"input":"\\ud800"}'
