"""What ItemReader makes of the objects in a bucket, in S3 and in a directory."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard

from pipeline.interpreter.item import Item
from pipeline.language.errors import ITEM_READER_FAILED, ExecutionError
from pipeline.language.json_value import Json
from pipeline.language.map_run_plan import ItemSource
from pipeline.language.states.item_reader import GET_OBJECT, LIST_OBJECTS
from pipeline.map_runs.buckets.bucket import Bucket
from pipeline.map_runs.item_readers.json_lines import MAX_LINE
from pipeline.map_runs.item_readers.reading import read_items
from tests.contract.buckets import bucket, bucket_name, s3_directory

__all__ = ["bucket", "bucket_name", "s3_directory"]  # fixtures


class Reader:
    """Reads objects of one bucket as a Map state would."""

    def __init__(self, bucket: Bucket, name: str, directory: Path | None) -> None:
        self.bucket = bucket
        self.name = name
        self._directory = directory

    def items(self, *, resource: str = GET_OBJECT, parameters: Any = None, **config: Any) -> Any:
        """The items that an ItemReader with this ReaderConfig gives."""
        arguments = {"Bucket": self.name, **({"Key": "file"} if parameters is None else parameters)}
        config = {"max_items": 1_000_000} | config
        source = ItemSource(resource=resource, arguments=arguments, **config)
        return list(read_items(source, self._directory))

    def read(self, content: bytes, **config: Any) -> list[Item]:
        """The items of a file with this content."""
        self.bucket.put("file", content)
        found: list[Item] = self.items(**config)
        return found

    def values(self, content: bytes, **config: Any) -> list[Json]:
        """Their values."""
        return [item.value for item in self.read(content, **config)]

    def refusal(self, content: bytes, **config: Any) -> str:
        """The cause for which the file is refused."""
        with pytest.raises(ExecutionError) as refused:
            self.read(content, **config)
        assert refused.value.error == ITEM_READER_FAILED
        return refused.value.cause


@pytest.fixture
def reader(bucket: Bucket, bucket_name: str, s3_directory: Path | None) -> Reader:
    """A reader of an empty bucket."""
    return Reader(bucket, bucket_name, s3_directory)


def csv(**config: Any) -> dict[str, Any]:
    return {"input_type": "CSV", **config}


class TestJson:
    def test_the_elements_of_an_array_are_the_items(self, reader: Reader) -> None:
        values = [1, -2.5, 1e300, 2**70, "ü\n", True, None, [], {}, [[1], {"a": {"b": [None]}}]]
        items = reader.read(json.dumps(values, ensure_ascii=False).encode(), input_type="JSON")
        assert [item.value for item in items] == values
        assert [type(item.value) for item in items] == [type(value) for value in values]
        assert {(item.key, item.source) for item in items} == {(None, f"s3://{reader.name}/file")}

    def test_the_pairs_of_an_object_that_a_pointer_picks_are_items_with_keys(
        self, reader: Reader
    ) -> None:
        content = b'{"all": {"one": [1], "two": {"a": 2}}}'
        items = reader.read(content, input_type="JSON", items_pointer="/all")
        assert [(item.key, item.value) for item in items] == [("one", [1]), ("two", {"a": 2})]

    @pytest.mark.parametrize("content", [b'{"a": 1}', b"3", b'"text"', b"null"])
    def test_a_file_that_is_no_array_cannot_be_mapped_over(
        self, reader: Reader, content: bytes
    ) -> None:
        with pytest.raises(ExecutionError) as raised:
            reader.read(content, input_type="JSON")
        assert raised.value.error == "States.ItemReaderFailed"
        assert raised.value.cause == "Attempting to map over non-iterable node."

    def test_a_negative_number_of_items_is_an_error_of_the_reader(self, reader: Reader) -> None:
        with pytest.raises(ExecutionError) as raised:
            reader.read(b"[1]", input_type="JSON", max_items=-1)
        assert raised.value.cause == "field MaxItems must be positive"

    @pytest.mark.parametrize(
        ("pointer", "expected"),
        [
            ("/orders", [1, 2]),
            ("/nested/0/a~1b", [3]),
            ("/nested/1/m~0n", [4]),
            ("/nested/1", [{"k": 4}]),
        ],
    )
    def test_items_pointer_picks_an_array_or_an_object(
        self, reader: Reader, pointer: str, expected: list[Json]
    ) -> None:
        document = {
            "orders": [1, 2],
            "text": "text",
            "nested": [{"a/b": [3]}, {"m~n": {"k": 4}}],
        }
        content = json.dumps(document).encode()
        assert reader.values(content, input_type="JSON", items_pointer=pointer) == expected

    @pytest.mark.parametrize("pointer", ["/no", "/orders/7", "/orders/x", "/text/a"])
    def test_a_pointer_that_finds_nothing_is_refused(self, reader: Reader, pointer: str) -> None:
        content = b'{"orders": [1], "text": "text"}'
        cause = reader.refusal(content, input_type="JSON", items_pointer=pointer)
        assert cause == f"The ItemsPointer '{pointer}' finds nothing in the file."

    @pytest.mark.parametrize("content", [b"1", b'"text"', b"null", b"true"])
    def test_what_is_no_array_or_object_is_refused(self, reader: Reader, content: bytes) -> None:
        cause = reader.refusal(content, input_type="JSON")
        assert cause == "Attempting to map over non-iterable node."

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[1, 2",
            b"[1] 2",
            b"[NaN]",
            b"[1e999]",
            b"['a']",
            b'["\xe9"]',
            b"[" * 5000,
        ],
    )
    def test_what_is_not_json_is_refused(self, reader: Reader, content: bytes) -> None:
        cause = reader.refusal(content, input_type="JSON")
        assert cause.startswith("The content of the file is not valid JSON: ")

    def test_max_items_leaves_the_rest_unread(self, reader: Reader) -> None:
        assert reader.values(b"[1, 2, 3, oops", input_type="JSON", max_items=2) == [1, 2]


class TestJsonLines:
    def test_each_line_is_an_item(self, reader: Reader) -> None:
        content = b'{"a": 1}\n\n  \r\n"\xc3\xbc"\r\n[2]\n3'
        assert reader.values(content, input_type="JSONL") == [{"a": 1}, "ü", [2], 3]

    @pytest.mark.parametrize("line", [b"{", b"NaN", b'"\xe9"', b"[" * 100_000])
    def test_a_line_that_is_not_json_is_named(self, reader: Reader, line: bytes) -> None:
        cause = reader.refusal(b"1\n" + line + b"\n3\n", input_type="JSONL")
        assert cause.startswith("The content of line 2 of the file is not valid JSON")

    def test_a_line_without_end_is_not_read_to_it(self, reader: Reader) -> None:
        cause = reader.refusal(b'"' + b"x" * (2 * MAX_LINE), input_type="JSONL")
        assert "line 1" in cause


class TestCsv:
    @pytest.mark.parametrize(
        ("delimiter", "character"),
        [("COMMA", ","), ("PIPE", "|"), ("SEMICOLON", ";"), ("SPACE", " "), ("TAB", "\t")],
    )
    def test_the_first_row_names_the_fields(
        self, reader: Reader, delimiter: str, character: str
    ) -> None:
        content = "id,name\n1,one\n2,two\n".replace(",", character).encode()
        assert reader.values(content, **csv(csv_delimiter=delimiter)) == [
            {"id": "1", "name": "one"},
            {"id": "2", "name": "two"},
        ]

    def test_given_headers_make_the_first_row_an_item(self, reader: Reader) -> None:
        assert reader.values(b"1,one", **csv(csv_headers=("a", "b"))) == [{"a": "1", "b": "one"}]

    @pytest.mark.parametrize(
        ("header", "order"),
        [
            ("H1,", ["", "H1"]),
            ("0,True,{}", ["0", "{}", "True"]),
            ("c,b,a", ["a", "b", "c"]),
            ("é,\U0001f600,z", ["\U0001f600", "é", "z"]),
        ],
    )
    def test_the_fields_of_a_row_stand_in_the_order_of_a_java_hash_map(
        self, reader: Reader, header: str, order: list[str]
    ) -> None:
        (row,) = reader.values(f"{header}\n1,2,3\n".encode(), **csv())
        assert list(row) == order

    def test_quotes_and_backslashes_escape(self, reader: Reader) -> None:
        content = b'a,b\n"x, y","line\nbreak"\n"say ""hi""",one\\,two\\\\three\\four\n'
        assert reader.values(content, **csv()) == [
            {"a": "x, y", "b": "line\nbreak"},
            {"a": 'say "hi"', "b": "one,two\\threefour"},
        ]

    def test_missing_fields_are_empty_and_surplus_ones_left_out(self, reader: Reader) -> None:
        assert reader.values(b"a,b\r\n1\r\n\r\n1,2,3\r\n", **csv()) == [
            {"a": "1", "b": ""},
            {"a": "1", "b": "2"},
        ]

    @pytest.mark.parametrize("content", [b"", b"a,b\n"])
    def test_a_file_without_rows_has_no_items(self, reader: Reader, content: bytes) -> None:
        assert reader.values(content, **csv()) == []

    def test_another_encoding_than_utf_8_is_refused(self, reader: Reader) -> None:
        cause = reader.refusal("a\nü\n".encode("latin-1"), **csv())
        assert cause.startswith("The content of the file is not valid CSV: 'utf-8' codec")

    def test_a_byte_order_mark_is_no_part_of_the_first_header(self, reader: Reader) -> None:
        assert reader.values(b"\xef\xbb\xbfa\n1\n", **csv()) == [{"a": "1"}]


class TestCompression:
    @pytest.mark.parametrize(
        "content",
        [
            gzip.compress(b"a\n1\n"),
            zstandard.compress(b"a\n1\n"),
            zstandard.compress(b"a\n") + zstandard.compress(b"1\n"),
        ],
        ids=["gzip", "zstandard", "zstandard in two frames"],
    )
    def test_a_compressed_file_is_read_as_what_it_holds(
        self, reader: Reader, content: bytes
    ) -> None:
        assert reader.values(content, **csv()) == [{"a": "1"}]

    def test_a_damaged_file_is_refused(self, reader: Reader) -> None:
        content = gzip.compress(b"a\n" + b"1\n" * 100)[:-12]
        assert "cannot be decompressed" in reader.refusal(content, **csv())


class TestParquet:
    def test_each_row_is_an_item_in_words_of_json(self, reader: Reader) -> None:
        pyarrow = pytest.importorskip("pyarrow")
        from datetime import UTC, datetime  # noqa: PLC0415
        from decimal import Decimal  # noqa: PLC0415

        from pyarrow.parquet import write_table  # noqa: PLC0415

        columns = {
            "id": [1, 2],
            "name": ["one", None],
            "list": [[1.5], []],
            "at": [datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), None],
            "price": [Decimal("1.25"), None],
            "raw": [b"\x00\xff", None],
            "inner": [{"a": 1}, None],
        }
        buffer = io.BytesIO()
        write_table(pyarrow.table(columns), buffer)
        first, second = reader.values(buffer.getvalue(), input_type="PARQUET")
        assert first == {
            "id": 1,
            "name": "one",
            "list": [1.5],
            "at": "2024-01-02T03:04:05+00:00",
            "price": 1.25,
            "raw": "AP8=",
            "inner": {"a": 1},
        }
        assert second == {**dict.fromkeys(first), "id": 2, "list": []}

    def test_what_is_not_parquet_is_refused(self, reader: Reader) -> None:
        pytest.importorskip("pyarrow")
        assert "not valid Parquet" in reader.refusal(b"a,b\n1,2\n", input_type="PARQUET")


class TestListing:
    def test_the_objects_of_a_bucket_are_items_in_order(self, reader: Reader) -> None:
        for key in ("a/2", "a-1", "a/1", "b", "a/10", "ü"):
            reader.bucket.put(key, key.encode())
        items = reader.items(resource=LIST_OBJECTS, parameters={})
        assert [item.value["Key"] for item in items] == ["a-1", "a/1", "a/10", "a/2", "b", "ü"]
        assert {item.source for item in items} == {f"s3://{reader.name}"}
        value = items[1].value
        assert value.keys() == {"Etag", "Key", "LastModified", "Size", "StorageClass"}
        assert (value["Size"], value["StorageClass"]) == (3, "STANDARD")
        assert isinstance(value["LastModified"], int)
        assert value["Etag"].startswith('"')

    def test_a_prefix_and_max_items_pick_some_of_them(self, reader: Reader) -> None:
        for key in ("in/a", "in/b", "in/c", "in-out", "out"):
            reader.bucket.put(key, b"")
        items = reader.items(resource=LIST_OBJECTS, parameters={"Prefix": "in/"}, max_items=2)
        assert [item.value["Key"] for item in items] == ["in/a", "in/b"]

    def test_load_and_flatten_gives_the_items_in_the_objects(self, reader: Reader) -> None:
        for key, content in (("in/", b""), ("in/1", b"[1, 2]"), ("in/2", b"[3]"), ("no", b"")):
            if reader.name != "there" or not key.endswith("/"):  # a directory holds no such key
                reader.bucket.put(key, content)
        items = reader.items(
            resource=LIST_OBJECTS,
            parameters={"Prefix": "in/"},
            transformation="LOAD_AND_FLATTEN",
            input_type="JSON",
        )
        where = f"s3://{reader.name}/in"
        assert items == [
            Item(value=1, source=f"{where}/1"),
            Item(value=2, source=f"{where}/1"),
            Item(value=3, source=f"{where}/2"),
        ]


class TestManifests:
    def test_the_rows_of_an_inventory_are_items(self, reader: Reader) -> None:
        manifest = {
            "sourceBucket": "source",
            "destinationBucket": f"arn:aws:s3:::{reader.name}",
            "fileFormat": "CSV",
            "fileSchema": "Bucket, Key, Size",
            "files": [{"key": "data/1.csv.gz", "size": 1}, {"key": "data/2.csv.gz", "size": 1}],
        }
        reader.bucket.put("data/1.csv.gz", gzip.compress(b'"source","a b","3"\n"source","c","4"\n'))
        reader.bucket.put("data/2.csv.gz", gzip.compress(b'"source","d","5"\n'))
        items = reader.read(json.dumps(manifest).encode(), manifest_type="S3_INVENTORY")
        assert [item.value for item in items] == [
            {"Bucket": "source", "Key": "a b", "Size": "3"},
            {"Bucket": "source", "Key": "c", "Size": "4"},
            {"Bucket": "source", "Key": "d", "Size": "5"},
        ]
        assert items[2].source == f"s3://{reader.name}/data/2.csv.gz"

    @pytest.mark.parametrize(
        ("manifest", "cause"),
        [
            ([], "The file is not a manifest of an S3 inventory."),
            ({"files": []}, "The file is not a manifest of an S3 inventory."),
            (
                {
                    "destinationBucket": "arn:aws:s3:::b",
                    "fileFormat": "ORC",
                    "fileSchema": "",
                    "files": [],
                },
                "The S3 inventory has files of the format ORC; only CSV is supported.",
            ),
        ],
    )
    def test_another_document_is_no_inventory(
        self, reader: Reader, manifest: Json, cause: str
    ) -> None:
        content = json.dumps(manifest).encode()
        assert reader.refusal(content, manifest_type="S3_INVENTORY") == cause

    def test_the_files_of_an_unload_are_read_one_after_another(self, reader: Reader) -> None:
        reader.bucket.put("out/1", gzip.compress(b'{"n": 1}\n{"n": 2}\n'))
        reader.bucket.put("out/2", b'{"n": 3}\n')
        manifest = f"s3://{reader.name}/out/1\ns3://{reader.name}/out/2\n".encode()
        items = reader.read(manifest, manifest_type="ATHENA_DATA", input_type="JSONL")
        assert [item.value for item in items] == [{"n": 1}, {"n": 2}, {"n": 3}]
        assert items[2].source == f"s3://{reader.name}/out/2"

    def test_a_line_that_is_no_uri_is_refused(self, reader: Reader) -> None:
        cause = reader.refusal(b"file:///x\n", manifest_type="ATHENA_DATA", input_type="CSV")
        assert "'file:///x', which is not an S3 URI" in cause


@pytest.mark.parametrize(
    ("parameters", "cause"),
    [
        ({"Key": "gone"}, "The specified key does not exist. (Service: Amazon S3; Status Code: 40"),
        ({"Bucket": "no-such-bucket", "Key": "k"}, "The specified bucket does not exist"),
        ({"Key": 1}, 'The value for the field "Key" must be a STRING'),
    ],
)
def test_what_is_not_there_is_refused_in_the_words_of_s3(
    reader: Reader, parameters: dict[str, Json], cause: str
) -> None:
    with pytest.raises(ExecutionError) as refused:
        reader.items(parameters=parameters, input_type="JSON")
    assert refused.value.error == ITEM_READER_FAILED
    assert refused.value.cause.startswith(cause)


def test_a_version_is_read_where_there_are_versions(
    reader: Reader, s3_directory: Path | None
) -> None:
    if s3_directory is not None:
        with pytest.raises(ExecutionError, match="Invalid version id"):
            reader.items(parameters={"Key": "file", "VersionId": "1"}, input_type="JSON")
        return
    import boto3  # noqa: PLC0415

    client = boto3.client("s3")
    client.put_bucket_versioning(Bucket=reader.name, VersioningConfiguration={"Status": "Enabled"})
    version = client.put_object(Bucket=reader.name, Key="file", Body=b"[1]")["VersionId"]
    client.put_object(Bucket=reader.name, Key="file", Body=b"[2]")
    parameters = {"Key": "file", "VersionId": version}
    assert reader.items(parameters=parameters, input_type="JSON")[0].value == 1
