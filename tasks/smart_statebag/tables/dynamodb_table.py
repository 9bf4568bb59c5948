"""A table in DynamoDB, by boto3."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn, assert_never

from boto3.dynamodb.conditions import Attr, ConditionBase, ConditionExpressionBuilder, Key
from botocore.exceptions import BotoCoreError, ClientError

from tasks.smart_statebag.bag.aws_clients import ATTEMPTS, retrying_client
from tasks.smart_statebag.bag.errors import StorageUnavailable
from tasks.smart_statebag.tables.attribute_values import (
    from_attributes,
    to_attribute,
    to_attributes,
)
from tasks.smart_statebag.tables.conditions import AnyOf, Before, Condition, Equals, RowAbsent
from tasks.smart_statebag.tables.table import ConditionNotMet, Query, Row

CONDITION_NOT_MET = "ConditionalCheckFailedException"


@lru_cache(maxsize=8)
def dynamodb_client(endpoint: str) -> Any:
    """The client of an endpoint, which boto3 reads from the environment; AWS's is empty."""
    return retrying_client("dynamodb", read_seconds=10)


class DynamoDBTable:
    """One table."""

    def __init__(self, name: str, client: Any) -> None:
        self.name = name
        self._client = client

    def get(self, key: Mapping[str, str]) -> Row | None:
        try:
            answer = self._client.get_item(
                TableName=self.name, Key=to_attributes(key), ConsistentRead=True
            )
        except (ClientError, BotoCoreError) as error:
            self._unavailable(error)
        return from_attributes(answer["Item"]) if "Item" in answer else None

    def put(self, row: Row, *, only_if: Condition | None = None) -> None:
        condition = {} if only_if is None else _expression(_condition(only_if), "Condition")
        try:
            self._client.put_item(TableName=self.name, Item=to_attributes(row), **condition)
        except (ClientError, BotoCoreError) as error:
            self._not_met_or_unavailable(error, row)

    def update(self, key: Mapping[str, str], values: Row, *, only_if: Condition) -> None:
        arguments = _expression(_condition(only_if), "Condition")
        arguments.setdefault("ExpressionAttributeValues", {})
        assignments = []
        for place, (name, value) in enumerate(values.items()):
            arguments["ExpressionAttributeNames"][f"#set{place}"] = name
            arguments["ExpressionAttributeValues"][f":set{place}"] = to_attribute(value)
            assignments.append(f"#set{place} = :set{place}")
        try:
            self._client.update_item(
                TableName=self.name,
                Key=to_attributes(key),
                UpdateExpression=f"SET {', '.join(assignments)}",
                **arguments,
            )
        except (ClientError, BotoCoreError) as error:
            self._not_met_or_unavailable(error, key)

    def query(self, query: Query) -> list[Row]:
        arguments = _expression(_key_condition(query), "KeyCondition", is_key=True)
        if query.index is not None:
            arguments["IndexName"] = query.index
        else:
            arguments["ConsistentRead"] = True
        pages = self._client.get_paginator("query").paginate(TableName=self.name, **arguments)
        try:
            return [from_attributes(item) for page in pages for item in page["Items"]]
        except (ClientError, BotoCoreError) as error:
            self._unavailable(error)

    def _not_met_or_unavailable(self, error: Exception, key: Mapping[str, Any]) -> NoReturn:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] == CONDITION_NOT_MET:
            raise ConditionNotMet(self.name, key) from error
        self._unavailable(error)

    def _unavailable(self, error: Exception) -> NoReturn:
        raise StorageUnavailable(self.name, str(error), attempts=ATTEMPTS) from error


def _condition(condition: Condition) -> ConditionBase:
    match condition:
        case RowAbsent(key_field=key_field):
            return Attr(key_field).not_exists()
        case Equals(field=field, value=value):
            return Attr(field).eq(value)
        case Before(field=field, value=value):
            return Attr(field).lt(value)
        case AnyOf(conditions=conditions):
            first, *others = map(_condition, conditions)
            for other in others:
                first = first | other
            return first
    assert_never(condition)


def _key_condition(query: Query) -> ConditionBase:
    parts: list[ConditionBase] = [Key(name).eq(value) for name, value in query.equal.items()]
    parts += [Key(name).begins_with(value) for name, value in query.begins_with.items()]
    first, *others = parts
    for other in others:
        first = first & other
    return first


def _expression(condition: ConditionBase, kind: str, *, is_key: bool = False) -> dict[str, Any]:
    built = ConditionExpressionBuilder().build_expression(condition, is_key_condition=is_key)
    values = {
        name: to_attribute(value) for name, value in built.attribute_value_placeholders.items()
    }
    return {
        f"{kind}Expression": built.condition_expression,
        "ExpressionAttributeNames": dict(built.attribute_name_placeholders),
        **({"ExpressionAttributeValues": values} if values else {}),
    }
