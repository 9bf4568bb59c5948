"""ItemReader and ResultWriter in definitions."""

from typing import Any

import pytest

from pipeline.interpreter.interpreter import root_frame
from pipeline.language.definition import parse_definition
from pipeline.language.json_value import JsonObject
from pipeline.language.map_run_plan import ItemSource, ResultTarget
from pipeline.language.outcomes import Failed, FanOut, Joined, Start, Succeeded
from pipeline.language.states.item_reader import MAX_ITEMS_LIMIT
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


def config(**fields: Any) -> JsonObject:
    return reader(ReaderConfig=fields)


def listing(**fields: Any) -> JsonObject:
    parameters = {"Bucket": "b", "Prefix.$": "$.prefix"}
    resource = "arn:aws:states:::s3:listObjectsV2"
    given = {"Resource": resource, "Parameters": parameters, **fields}
    return machine({**DISTRIBUTED_MAP, "ItemReader": given})


@pytest.mark.parametrize(
    "document",
    [
        listing(),
        listing(ReaderConfig={"MaxItems": 5}),
        listing(ReaderConfig={"Transformation": "LOAD_AND_FLATTEN", "InputType": "JSONL"}),
        config(InputType="JSONL"),
        config(InputType="PARQUET"),
        config(InputType="JSON", ItemsPointer="/a/0"),
        config(InputType="CSV", CSVHeaderLocation="FIRST_ROW", CSVDelimiter="TAB"),
        config(InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=["a", "b"]),
        config(InputType="MANIFEST"),
        config(ManifestType="S3_INVENTORY"),
        config(ManifestType="ATHENA_DATA", InputType="PARQUET"),
        reader(Parameters={"Bucket": "b", "Key": "k", "VersionId.$": "$.version"}),
        reader(Parameters={"Bucket": "b", "Key": "k", "ExpectedBucketOwner": "123456789012"}),
    ],
)
def test_every_reader_of_the_specification_is_taken(document: JsonObject) -> None:
    parse_definition(document)


@pytest.mark.parametrize(
    ("document", "place", "part"),
    [
        (reader(Resource="arn:x"), "Resource", "must be"),
        (listing(Parameters={"Prefix": "p"}), "Parameters", '"Bucket" is required'),
        (listing(Parameters={"Bucket": "b", "Key": "k"}), "Parameters/Key", "not a"),
        (listing(ReaderConfig={"Transformation": "LOAD"}), "ReaderConfig/Transformation", "must"),
        (
            listing(ReaderConfig={"Transformation": "LOAD_AND_FLATTEN"}),
            "ReaderConfig",
            "required: [InputType]",
        ),
        (listing(ReaderConfig={"InputType": "MANIFEST"}), "ReaderConfig", "only with"),
        (
            config(InputType="JSON", Transformation="NONE"),
            "ReaderConfig/Transformation",
            "only with",
        ),
        (reader(Parameters={"Bucket": "b"}), "Parameters", '"Key" is required'),
        (reader(Parameters={"Bucket": 1, "Key": "k"}), "Parameters/Bucket", "string"),
        (reader(Parameters={"Bucket": "b", "Key": "k", "Kye": "k"}), "Parameters/Kye", "not a"),
        (reader(ReaderConfig={}), "ReaderConfig", "required: [InputType]"),
        (reader(ReaderConfig={"InputType": "XML"}), "ReaderConfig/InputType", "must be"),
        (config(InputType="CSV"), "ReaderConfig", "required: [CSVHeaderLocation]"),
        (
            config(InputType="CSV", CSVHeaderLocation="GIVEN"),
            "ReaderConfig",
            "required: [CSVHeaders]",
        ),
        (
            config(InputType="CSV", CSVHeaderLocation="FIRST_ROW", CSVHeaders=["a"]),
            "ReaderConfig/CSVHeaders",
            "only with",
        ),
        (
            config(InputType="CSV", CSVHeaderLocation="FIRST_ROW", CSVDelimiter=";"),
            "ReaderConfig/CSVDelimiter",
            "must be 'COMMA' or",
        ),
        (
            config(InputType="JSONL", CSVDelimiter="TAB"),
            "ReaderConfig/CSVDelimiter",
            "only with the InputType CSV",
        ),
        (
            config(InputType="JSONL", ItemsPointer="/a"),
            "ReaderConfig/ItemsPointer",
            "only with the InputType JSON",
        ),
        (config(InputType="JSON", ItemsPointer="a"), "ReaderConfig/ItemsPointer", "begin with '/'"),
        (
            config(InputType="JSON", ManifestType="ATHENA_DATA"),
            "ReaderConfig/InputType",
            "must be 'CSV'",
        ),
        (
            config(InputType="CSV", CSVHeaderLocation="FIRST_ROW", ManifestType="S3_INVENTORY"),
            "ReaderConfig/InputType",
            "must be 'MANIFEST'",
        ),
        (
            reader(ReaderConfig={"InputType": "JSON", "MaxItems": 0}),
            "ReaderConfig/MaxItems",
            "from 1 to 100000000",
        ),
        (reader(Parameter={}), "Parameter", "not a field of an ItemReader"),
        (
            machine({**DISTRIBUTED_MAP, "ItemReader": without(READER, "ReaderConfig")}),
            "",
            "required: [ReaderConfig]",
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
        ({**WRITER, "WriterConfig": {"Transformation": "no"}}, "/WriterConfig/Transformation"),
        ({**WRITER, "WriterConfig": {"OutputType": "CSV"}}, "/WriterConfig/OutputType"),
        ({**WRITER, "WriterConfig": {"Format": "CSV"}}, "/WriterConfig/Format"),
        (without(WRITER, "Parameters"), ""),
        (without(WRITER, "Resource"), ""),
    ],
)
def test_what_is_wrong_with_a_writer_is_named_with_its_place(
    writer: JsonObject, place: str
) -> None:
    [(found, _)] = problems(machine({**DISTRIBUTED_MAP, "ResultWriter": writer}))
    assert found == f"/States/S/ResultWriter{place}"


def most_items(given: int) -> ItemSource | Failed | None:
    config: JsonObject = {"InputType": "JSON", "MaxItemsPath": "$.most"}
    state: JsonObject = {**READING, "ItemReader": {**READER, "ReaderConfig": config}}
    engine = pure_engine(machine(state), {"key": "k.json", "most": given})
    outcome = engine.step(root_frame(engine.machine, engine.execution.execution_input), Start())
    if isinstance(outcome.outcome, FanOut):
        return outcome.outcome.reader
    assert isinstance(outcome.outcome, Failed)
    return outcome.outcome


def test_no_items_at_most_means_all_of_them() -> None:
    source = most_items(0)
    assert isinstance(source, ItemSource)
    assert source.max_items == MAX_ITEMS_LIMIT


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
        max_items=7,
        input_type="JSON",
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
    assert getattr(step.outcome, "error", None) == "States.Runtime"


def test_a_writer_without_export_keeps_the_results_as_it_is_asked_to() -> None:
    config: JsonObject = {"Transformation": "FLATTEN", "OutputType": "JSON"}
    given: JsonObject = {"key": "k.json"}
    engine = pure_engine(machine({**READING, "ResultWriter": {"WriterConfig": config}}), given)
    step = engine.step(root_frame(engine.machine, given), Start())
    assert isinstance(step.outcome, FanOut)
    assert step.outcome.writer == ResultTarget(bucket=None, transformation="FLATTEN")
