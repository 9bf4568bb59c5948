"""What every table of the application must do: DynamoDB over HTTP and the ledger's tables."""

import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from pipeline.integrations.services.local_tables import LocalTables
from tasks.smart_statebag.bag.errors import MissingSetting, StorageUnavailable
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.tables import (
    IDEMPOTENCY,
    TASK_TOKENS,
    AnyOf,
    Before,
    ConditionNotMet,
    Equals,
    Query,
    RowAbsent,
    Table,
    TableSchema,
    open_table,
)
from tasks.smart_statebag.tables.attribute_values import from_attributes, to_attributes
from tasks.smart_statebag.tables.dynamodb_table import dynamodb_client

NUMBERS = itertools.count(1)
KEY = {"idempotency_key": "key-1"}
FAR = 4_000_000_000


@pytest.fixture(scope="module")
def dynamodb_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["dynamodb", "ledger"])
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings of two empty tables."""
    number = next(NUMBERS)
    for schema in (IDEMPOTENCY, TASK_TOKENS):
        monkeypatch.setenv(schema.setting, f"{schema.setting}-{number}")
    if request.param == "ledger":
        request.getfixturevalue("local_tables")
        return "ledger"
    endpoint = request.getfixturevalue("dynamodb_endpoint")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    client = dynamodb_client(endpoint)
    for schema in (IDEMPOTENCY, TASK_TOKENS):
        create_table(client, f"{schema.setting}-{number}", schema)
    return "dynamodb"


def create_table(client: Any, name: str, schema: TableSchema) -> None:
    attributes = {*schema.key, *itertools.chain(*schema.indexes.values())}
    indexes = [
        {
            "IndexName": index,
            "KeySchema": key_schema(key),
            "Projection": {"ProjectionType": "ALL"},
        }
        for index, key in schema.indexes.items()
    ]
    client.create_table(
        TableName=name,
        KeySchema=key_schema(schema.key),
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes
        ],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )


def key_schema(key: tuple[str, ...]) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")
    return [
        {"AttributeName": name, "KeyType": kind} for name, kind in zip(key, kinds, strict=False)
    ]


@pytest.fixture
def rows(environment: str) -> Table:
    return open_table(IDEMPOTENCY)


@pytest.fixture
def tokens(environment: str) -> Table:
    return open_table(TASK_TOKENS)


def row(**fields: Json) -> JsonObject:
    return {"idempotency_key": "key-1", "status": "RUNNING", "ttl": FAR, **fields}


def token(owner: str, pause_id: str, execution_id: str) -> JsonObject:
    return {"ownerId": owner, "pause_id": pause_id, "execution_id": execution_id}


def test_a_row_that_was_put_is_read_back(rows: Table) -> None:
    given_row = row(text="차", empty="", nested={"list": [1, 2.5, None, True, {"a": "b"}]})

    rows.put(given_row)

    assert rows.get(KEY) == given_row


def test_a_whole_number_comes_back_as_an_integer(rows: Table) -> None:
    rows.put(row(segment_to_run=3))

    found = rows.get(KEY)

    assert found is not None
    assert isinstance(found["segment_to_run"], int)


def test_there_is_no_row_before_one_is_put(rows: Table) -> None:
    assert rows.get(KEY) is None


def test_a_second_put_replaces_the_whole_row(rows: Table) -> None:
    rows.put(row(note="first"))

    rows.put(row(status="FAILED"))

    assert rows.get(KEY) == row(status="FAILED")


def test_a_put_on_the_absence_of_the_row_happens_once(rows: Table) -> None:
    absent = RowAbsent(key_field="idempotency_key")
    rows.put(row(), only_if=absent)

    with pytest.raises(ConditionNotMet):
        rows.put(row(status="LATE"), only_if=absent)

    assert rows.get(KEY) == row()


@pytest.mark.parametrize(
    ("condition", "happens"),
    [
        (Equals(field="status", value="RUNNING"), True),
        (Equals(field="status", value="FAILED"), False),
        (Equals(field="missing", value="RUNNING"), False),
        (Before(field="ttl", value=FAR + 1), True),
        (Before(field="ttl", value=FAR), False),
        (Before(field="missing", value=FAR), False),
        (
            AnyOf(conditions=(Equals(field="status", value="X"), Before(field="ttl", value=1))),
            False,
        ),
        (
            AnyOf(
                conditions=(
                    RowAbsent(key_field="idempotency_key"),
                    Equals(field="status", value="RUNNING"),
                )
            ),
            True,
        ),
    ],
)
def test_a_conditional_put_happens_where_its_condition_holds(
    rows: Table, condition: Equals | Before | AnyOf, happens: bool
) -> None:
    rows.put(row())

    if happens:
        rows.put(row(note="new"), only_if=condition)
    else:
        with pytest.raises(ConditionNotMet):
            rows.put(row(note="new"), only_if=condition)

    assert rows.get(KEY) == (row(note="new") if happens else row())


def test_a_text_is_never_before_a_number_in_the_ledger(local_tables: LocalTables) -> None:
    table = open_table(IDEMPOTENCY)
    table.put(row())

    with pytest.raises(ConditionNotMet):
        table.put(row(note="new"), only_if=Before(field="status", value=FAR))


def test_an_update_sets_some_attributes_and_leaves_the_others(rows: Table) -> None:
    rows.put(row(executionArn="arn-1"))

    rows.update(
        KEY,
        {"status": "SUCCEEDED", "error": None, "size": 3},
        only_if=Equals(field="executionArn", value="arn-1"),
    )

    assert rows.get(KEY) == row(executionArn="arn-1", status="SUCCEEDED", error=None, size=3)


def test_an_update_whose_condition_does_not_hold_changes_nothing(rows: Table) -> None:
    rows.put(row(executionArn="arn-1"))

    with pytest.raises(ConditionNotMet):
        rows.update(KEY, {"status": "X"}, only_if=Equals(field="executionArn", value="arn-2"))

    assert rows.get(KEY) == row(executionArn="arn-1")


def test_an_update_of_a_row_that_is_not_there_makes_none(rows: Table) -> None:
    with pytest.raises(ConditionNotMet):
        rows.update(KEY, {"status": "X"}, only_if=Equals(field="executionArn", value="arn-1"))

    assert rows.get(KEY) is None


def test_an_update_may_ask_that_the_row_is_absent(rows: Table) -> None:
    rows.update(KEY, {"status": "X"}, only_if=RowAbsent(key_field="idempotency_key"))

    assert rows.get(KEY) == {"idempotency_key": "key-1", "status": "X"}


def test_of_writers_at_the_same_time_one_meets_the_condition(rows: Table) -> None:
    refused: list[int] = []

    def claim(number: int) -> None:
        try:
            rows.put(row(executionArn=f"arn-{number}"), only_if=RowAbsent(key_field="status"))
        except ConditionNotMet:
            refused.append(number)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = rows.get(KEY)
    assert found is not None
    assert len(refused) == 5
    assert found["executionArn"] not in {f"arn-{number}" for number in refused}


def test_a_query_finds_the_rows_of_a_partition_by_the_beginning_of_the_sort_key(
    tokens: Table,
) -> None:
    tokens.put(token("owner-1", "talk-1#main#0#0", "arn-1"))
    tokens.put(token("owner-1", "talk-1#main#4#1", "arn-1"))
    tokens.put(token("owner-1", "talk-10#main#0#0", "arn-2"))
    tokens.put(token("owner-2", "talk-1#main#0#0", "arn-3"))

    found = tokens.query(Query(equal={"ownerId": "owner-1"}, begins_with={"pause_id": "talk-1#"}))

    assert {str(each["pause_id"]) for each in found} == {"talk-1#main#0#0", "talk-1#main#4#1"}
    assert {each["ownerId"] for each in found} == {"owner-1"}


def test_a_query_of_an_index_finds_the_rows_of_one_execution(tokens: Table) -> None:
    tokens.put(token("owner-1", "a#main#0#0", "arn-1"))
    tokens.put(token("owner-1", "b#main#0#0", "arn-2"))
    tokens.put(token("owner-2", "c#main#0#0", "arn-1"))

    found = tokens.query(
        Query(
            equal={"ownerId": "owner-1", "execution_id": "arn-1"},
            index="ExecutionIdIndex",
        )
    )

    assert [each["pause_id"] for each in found] == ["a#main#0#0"]


def test_a_table_that_does_not_answer_is_a_retryable_error(
    environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDEMPOTENCY_TABLE", "a-table-that-does-not-exist")
    table = open_table(IDEMPOTENCY)

    for ask in (
        lambda: table.get(KEY),
        lambda: table.put(row()),
        lambda: table.query(Query(equal=KEY)),
        lambda: table.update(KEY, {"a": 1}, only_if=RowAbsent(key_field="status")),
    ):
        with pytest.raises(StorageUnavailable):
            ask()


def test_a_table_without_a_name_is_refused_by_the_setting_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("IDEMPOTENCY_TABLE", raising=False)

    with pytest.raises(MissingSetting, match="IDEMPOTENCY_TABLE"):
        open_table(IDEMPOTENCY)


def test_tables_do_not_see_each_others_rows(environment: str) -> None:
    open_table(IDEMPOTENCY).put(row(ownerId="owner-1", pause_id="pause-1"))

    assert open_table(TASK_TOKENS).get({"ownerId": "owner-1", "pause_id": "pause-1"}) is None


def test_rows_in_the_ledger_are_read_and_written_by_state_machines_too(
    local_tables: LocalTables,
) -> None:
    table = open_table(IDEMPOTENCY)
    table.put(row(idempotency_key='차 "1"\n'))
    name = "idempotency_table"
    key = {"idempotency_key": {"S": '차 "1"\n'}}

    found = local_tables.get_item(TableName=name, Key=key, ConsistentRead=True)
    local_tables.put_item(TableName=name, Item={**key, "status": {"S": "FAILED"}})

    assert found["Item"]["status"] == {"S": "RUNNING"}
    assert table.get({"idempotency_key": '차 "1"\n'}) == {
        "idempotency_key": '차 "1"\n',
        "status": "FAILED",
    }


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(-1e9, 1e9).map(lambda number: round(number, 6))
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1), plain, max_size=4))
def test_attribute_values_of_a_row_give_the_row(values: JsonObject) -> None:
    assert from_attributes(to_attributes(values)) == values
