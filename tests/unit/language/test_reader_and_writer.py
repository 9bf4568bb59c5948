"""ItemReader and ResultWriter in definitions."""

from typing import Any

import pytest

from pipeline.interpreter import root_frame
from pipeline.language.definition import parse_definition
from pipeline.language.json_value import JsonObject
from pipeline.language.outcomes import FanOut, ItemSource, Joined, ResultTarget, Start, Succeeded
from tests.pure_engine import pure_engine
from tests.unit.language.documents import DISTRIBUTED_MAP, MAP, machine, problems, without

READER: JsonObject = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON"},
    "Parameters": {"Bucket": "b", "Key.$": "$.key"},
}
WRITER: JsonObject = {
    "Resource": "arn:aws:states:::s3:putObject",
    "Parameters": {"Bucket": "b", "Prefix.$": "$.prefix"},
}
READING: JsonObject = {**DISTRIBUTED_MAP, "ItemReader": READER}


def test_reader_and_writer_together_are_taken() -> None:
    parse_definition(machine({**READING, "ResultWriter": WRITER}))


def reader(**fields: Any) -> JsonObject:
    return machine({**DISTRIBUTED_MAP, "ItemReader": {**READER, **fields}})


@pytest.mark.parametrize(
    ("document", "place", "part"),
    [
        (reader(Resource="arn:x"), "Resource", "must be"),
        (reader(Resource="arn:aws:states:::s3:listObjectsV2"), "Resource", "not support"),
        (reader(Parameters={"Bucket": "b"}), "Parameters", "'Key' is missing"),
        (reader(Parameters={"Bucket": 1, "Key": "k"}), "Parameters/Bucket", "string"),
        (reader(Parameters={"Bucket": "b", "Key": "k", "Kye": "k"}), "Parameters/Kye", "not a"),
        (reader(ReaderConfig={}), "ReaderConfig", "'InputType' is missing"),
        (reader(ReaderConfig={"InputType": "XML"}), "ReaderConfig/InputType", "must be"),
        (reader(ReaderConfig={"InputType": "CSV"}), "ReaderConfig/InputType", "not support"),
        (
            reader(ReaderConfig={"InputType": "JSON", "MaxItems": 0}),
            "ReaderConfig/MaxItems",
            "from 1 to 100000000",
        ),
        (
            reader(ReaderConfig={"InputType": "JSON", "ItemsPointer": "/a"}),
            "ReaderConfig/ItemsPointer",
            "not support",
        ),
        (reader(Parameter={}), "Parameter", "not a field of an ItemReader"),
        (
            machine({**DISTRIBUTED_MAP, "ItemReader": without(READER, "ReaderConfig")}),
            "",
            "missing",
        ),
        (machine({**MAP, "ItemReader": READER}), "", "only in mode DISTRIBUTED"),
    ],
)
def test_what_is_wrong_with_a_reader_is_named_with_its_place(
    document: JsonObject, place: str, part: str
) -> None:
    [(found, message)] = problems(document)
    assert found == f"/States/S/ItemReader/{place}".rstrip("/")
    assert part in message


@pytest.mark.parametrize(
    ("writer", "place"),
    [
        ({**WRITER, "Resource": "arn:aws:states:::s3:getObject"}, "/Resource"),
        ({**WRITER, "Parameters": {"Prefix": "p"}}, "/Parameters"),
        ({**WRITER, "WriterConfig": {"Transformation": "NONE"}}, "/WriterConfig"),
        (without(WRITER, "Parameters"), ""),
    ],
)
def test_what_is_wrong_with_a_writer_is_named_with_its_place(
    writer: JsonObject, place: str
) -> None:
    [(found, _)] = problems(machine({**DISTRIBUTED_MAP, "ResultWriter": writer}))
    assert found == f"/States/S/ResultWriter{place}"


def test_the_fan_out_carries_the_evaluated_reader_and_writer() -> None:
    config: JsonObject = {"InputType": "JSON", "MaxItemsPath": "$.most"}
    state: JsonObject = {
        **READING,
        "ResultWriter": WRITER,
        "ItemReader": {**READER, "ReaderConfig": config},
    }
    given: JsonObject = {"key": "k.json", "prefix": "p", "most": 7}
    engine = pure_engine(machine(state), given)
    step = engine.step(root_frame(engine.machine, given), Start())
    assert isinstance(step.outcome, FanOut)
    assert step.outcome.items is None
    assert step.outcome.reader == ItemSource(
        resource="arn:aws:states:::s3:getObject",
        arguments={"Bucket": "b", "Key": "k.json"},
        input_type="JSON",
        max_items=7,
    )
    assert step.outcome.writer == ResultTarget(bucket="b", prefix="p")


def test_what_the_writer_has_left_is_the_result_of_the_state() -> None:
    given: JsonObject = {"key": "k.json", "prefix": "p"}
    engine = pure_engine(machine({**READING, "ResultWriter": WRITER}), given)
    step = engine.step(root_frame(engine.machine, given), Start())
    ended = engine.step(step.frame, Joined(outputs=[], written={"MapRunArn": "arn"}))
    assert ended.outcome == Succeeded(output={"MapRunArn": "arn"})


def test_a_path_that_finds_no_key_fails_the_state() -> None:
    engine = pure_engine(machine(READING), {})
    step = engine.step(root_frame(engine.machine, {}), Start())
    assert step.frame.phase == "FAILED"
    assert getattr(step.outcome, "error", None) == "States.ParameterPathFailure"
