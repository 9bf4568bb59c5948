"""Pointers and keys (Contract 3.3)."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.smart_statebag.bag.errors import CorruptEnvelope, InvalidInput
from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.bag.keys import (
    ExecutionKeys,
    branch_scope,
    chunk_scope,
    content_hash,
    encode_part,
    execution_name,
    keys_of,
    parse_pointer,
)
from tests.bags import ARN, PREFIX, identity

SHA = "0f" * 32


@pytest.fixture
def keys() -> ExecutionKeys:
    return keys_of(identity())


def test_the_prefix_is_owner_workflow_and_named_execution(keys: ExecutionKeys) -> None:
    digest = hashlib.sha256(ARN.encode()).hexdigest()[:8]

    assert keys.prefix == f"workflow-states/owner-1/flow-1/run-1.{digest}"


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("Az09._-", "Az09._-"),
        ("auth0|1", "auth0%7C1"),
        ("a/b", "a%2Fb"),
        ("~", "%7E"),
        ("차", "%EC%B0%A8"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("a..b", "a..b"),
    ],
)
def test_parts_are_percent_encoded(text: str, encoded: str) -> None:
    assert encode_part(text) == encoded


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_different_parts_have_different_encodings(left: str, right: str) -> None:
    assert (encode_part(left) == encode_part(right)) is (left == right)


@pytest.mark.parametrize(
    ("execution_id", "name"),
    [
        (ARN, "run-1"),
        ("arn:aws:states:us-east-1:123456789012:express:flow:run-1:0c1d", "run-1"),
        ("run-1", "run-1"),
    ],
)
def test_the_name_is_found_in_an_execution_arn(execution_id: str, name: str) -> None:
    assert execution_name(execution_id) == name


def test_executions_of_one_name_have_different_prefixes() -> None:
    other = keys_of({**identity(), "execution_id": ARN.replace("us-east-1", "eu-west-1")})

    assert other.prefix != keys_of(identity()).prefix


def test_directories_follow_the_table(keys: ExecutionKeys) -> None:
    assert {
        keys.config(): "config",
        keys.partition(): "partition",
        keys.manifest(): "manifest",
        keys.state("main", loop=2, segment=3): "state/main/2-3",
        keys.state(branch_scope(4, "b 1"), loop=0, segment=1): "state/branch/4/b%201/0-1",
        keys.state(chunk_scope("chunk_0001"), loop=0, segment=0): "state/chunk/chunk_0001/0-0",
        keys.logs("main"): "logs/main",
        keys.field("light_config"): "fields/light_config",
        keys.history(): "history",
        keys.node_result("n/1"): "results/n%2F1",
        keys.snapshots("pre"): "snapshots/pre",
        keys.chunk_list(): "chunks",
        keys.chunk_states("chunk_0001"): "chunk-results/chunk_0001",
        keys.chunk_record("chunk_0001"): "chunk-results/chunk_0001.json",
        keys.latest_state(): "latest_state.json",
        keys.map_results(): "map-results",
    } == {
        f"{PREFIX}/{below}": below
        for below in (
            "config",
            "partition",
            "manifest",
            "state/main/2-3",
            "state/branch/4/b%201/0-1",
            "state/chunk/chunk_0001/0-0",
            "logs/main",
            "fields/light_config",
            "history",
            "results/n%2F1",
            "snapshots/pre",
            "chunks",
            "chunk-results/chunk_0001",
            "chunk-results/chunk_0001.json",
            "latest_state.json",
            "map-results",
        )
    }


@pytest.mark.parametrize("name", ["ownerId", "workflowId", "execution_id"])
@pytest.mark.parametrize("value", [None, "", 7])
def test_a_bag_without_identity_has_no_keys(name: str, value: Json) -> None:
    with pytest.raises(InvalidInput, match=name):
        keys_of({**identity(), name: value})


def test_a_pointer_has_bucket_and_key() -> None:
    pointer = parse_pointer("s3://bucket/a/b.json")

    assert (pointer.bucket, pointer.key, str(pointer)) == (
        "bucket",
        "a/b.json",
        "s3://bucket/a/b.json",
    )


@pytest.mark.parametrize("text", [None, 7, "", "s3://bucket", "s3://bucket/", "http://a/b"])
def test_what_is_no_pointer_is_refused(text: Json) -> None:
    with pytest.raises(CorruptEnvelope):
        parse_pointer(text)


def test_an_error_shows_only_the_beginning_of_what_is_no_pointer() -> None:
    with pytest.raises(CorruptEnvelope) as caught:
        parse_pointer("x" * 100_000)

    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("key", "digest"),
    [
        (f"a/{SHA}.json", SHA),
        (f"{SHA}.json", SHA),
        ("a/latest_state.json", None),
        (f"a/x{SHA}.json", None),
        (f"a/{SHA.upper()}.json", None),
    ],
)
def test_the_content_hash_is_read_from_a_key(key: str, digest: str | None) -> None:
    assert content_hash(key) == digest
