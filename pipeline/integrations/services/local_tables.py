"""DynamoDB's item operations on tables in the ledger's database.

The methods have the keyword arguments, results and ``ClientError`` codes of boto3's client, so that
code can use either.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.exceptions import ParamValidationError
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from sqlalchemy import Connection

from pipeline.integrations.services.attribute_expressions import (
    AttributeExpression,
    InvalidExpressionText,
    Item,
    projected,
    sort_value,
)
from pipeline.integrations.services.client import Operation, Service, client_error
from pipeline.language.json_value import dumps, loads
from pipeline.ledger import local_tables as rows
from pipeline.ledger.database import Database

_UNKNOWN = frozenset(
    {
        "AttributeUpdates",
        "AttributesToGet",
        "ConditionalOperator",
        "ExclusiveStartKey",
        "Expected",
        "KeyConditions",
        "Limit",
        "QueryFilter",
        "Select",
    }
)
"""Parameters that must not be ignored silently."""


class LocalTables:
    """A client of the local tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def operations(self) -> Service:
        """The operations of ``dynamodb:`` resources."""
        return {
            "getItem": self.get_item,
            "putItem": self.put_item,
            "updateItem": self.update_item,
            "deleteItem": self.delete_item,
            "query": self.query,
        }

    def create_table(self, **parameters: Any) -> dict[str, Any]:
        """Declare a table: ``TableName`` and ``KeySchema``, as DynamoDB's CreateTable.

        Raises:
            botocore.exceptions.ClientError: ResourceInUseException, if a table of that name exists.
        """
        name = parameters["TableName"]
        keys = [part["AttributeName"] for part in parameters["KeySchema"]]
        with self._database.durable() as connection:
            if not rows.insert_table(connection, name, dumps(list(keys))):
                message = f"Table already exists: {name}"
                raise client_error("CreateTable", "ResourceInUseException", message)
        return {"TableDescription": {"TableName": name, "TableStatus": "ACTIVE"}}

    def ensure_table(self, name: str, *key_names: str) -> None:
        """Declare a table unless it exists."""
        with self._database.durable() as connection:
            rows.insert_table(connection, name, dumps(list(key_names)))

    def get_item(self, **parameters: Any) -> dict[str, Any]:
        """DynamoDB's GetItem; every read is consistent."""
        _check("GetItem", parameters)
        with self._database.reading() as connection:
            key = _key(connection, "GetItem", parameters, parameters["Key"])
            item = _load(rows.find_item(connection, parameters["TableName"], key))
        return {} if item is None else {"Item": _projected(parameters, item)}

    def query(self, **parameters: Any) -> dict[str, Any]:
        """DynamoDB's Query with a KeyConditionExpression, in one page.

        An index holds the items of its table. The answer differs only in that its items have no
        order.
        """
        _check("Query", parameters)
        table = parameters["TableName"]
        with self._database.reading() as connection:
            keys = _names(_require_table(connection, "Query", table))
            items = [_load(text) or {} for text in rows.items_of(connection, table)]
        found = _matching("KeyConditionExpression", parameters, items)
        if "IndexName" not in parameters and len(keys) > 1:
            descending = not parameters.get("ScanIndexForward", True)
            found.sort(key=lambda item: sort_value(item[keys[1]]), reverse=descending)
        shown = _matching("FilterExpression", parameters, found)
        return {
            "Items": [_projected(parameters, item) for item in shown],
            "Count": len(shown),
            "ScannedCount": len(found),
        }

    def get_paginator(self, operation: str) -> "_OnePage":
        """boto3's paginator of an operation of this class."""
        return _OnePage(getattr(self, operation))

    def put_item(self, **parameters: Any) -> dict[str, Any]:
        """DynamoDB's PutItem."""
        return self._change("PutItem", parameters, parameters.get("Item", {}))

    def update_item(self, **parameters: Any) -> dict[str, Any]:
        """DynamoDB's UpdateItem with an UpdateExpression."""
        return self._change("UpdateItem", parameters, parameters.get("Key", {}))

    def delete_item(self, **parameters: Any) -> dict[str, Any]:
        """DynamoDB's DeleteItem."""
        return self._change("DeleteItem", parameters, parameters.get("Key", {}))

    def _change(self, operation: str, parameters: dict[str, Any], keyed: Item) -> dict[str, Any]:
        _check(operation, parameters)
        _check_return_values(operation, parameters)
        table = parameters["TableName"]
        with self._database.durable() as connection:
            key = _key(connection, operation, parameters, keyed)
            rows.lock_item(connection, table, key)
            before = _load(rows.find_item(connection, table, key))
            _require(operation, parameters, before or {})
            after, updates = _after(operation, parameters, before)
            if after is None:
                rows.delete_item(connection, table, key)
            else:
                rows.put_item(connection, table, key, dumps(after))
        shown = _returned(parameters.get("ReturnValues", "NONE"), before, after, updates)
        return {"Attributes": shown} if shown else {}


class _OnePage:
    """A paginator whose only page is the whole answer."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    def paginate(self, **parameters: Any) -> Iterator[dict[str, Any]]:
        yield self._operation(**parameters)


def _after(
    operation: str, parameters: dict[str, Any], before: Item | None
) -> tuple[Item | None, set[str]]:
    """The item after a change, and the names of the attributes that an update names."""
    if operation == "DeleteItem":
        return None, set()
    if operation == "PutItem":
        return parameters["Item"], set()
    item = before if before is not None else dict(parameters["Key"])
    if "UpdateExpression" not in parameters:
        return item, set()
    with _reported(operation, "UpdateExpression"):
        expression = _expression("UpdateExpression", parameters, item)
        after = expression.updated()
    for name in sorted(expression.updates & parameters["Key"].keys()):
        message = (
            "One or more parameter values were invalid: Cannot update attribute "
            f"{name}. This attribute is part of the key"
        )
        raise client_error(operation, "ValidationException", message)
    return after, expression.updates


def _returned(
    return_values: str, before: Item | None, after: Item | None, updates: set[str]
) -> Item:
    """The attributes that ReturnValues asks for."""
    which, _, when = return_values.partition("_")
    item = {"OLD": before, "NEW": after}.get(when) or {}
    return item if which == "ALL" else {name: item[name] for name in updates & item.keys()}


def _check_return_values(operation: str, parameters: dict[str, Any]) -> None:
    return_values = parameters.get("ReturnValues", "NONE")
    if operation != "UpdateItem" and return_values not in {"ALL_OLD", "NONE"}:
        message = "Return values set to invalid value"
        raise client_error(operation, "ValidationException", message)


def _matching(field: str, parameters: dict[str, Any], items: list[Item]) -> list[Item]:
    """The items for which a condition holds; all of them if there is none."""
    if field not in parameters:
        return items
    with _reported("Query", field):
        return [item for item in items if _expression(field, parameters, item).holds()]


def _projected(parameters: dict[str, Any], item: Item) -> Item:
    expression = parameters.get("ProjectionExpression")
    names = parameters.get("ExpressionAttributeNames", {})
    return item if expression is None else projected(item, expression, names)


def _require(operation: str, parameters: dict[str, Any], item: Item) -> None:
    """Check that the ConditionExpression of a change holds."""
    if "ConditionExpression" not in parameters:
        return
    with _reported(operation, "ConditionExpression"):
        holds = _expression("ConditionExpression", parameters, item).holds()
    if not holds:
        code, message = "ConditionalCheckFailedException", "The conditional request failed"
        raise client_error(operation, code, message)


def _expression(field: str, parameters: dict[str, Any], item: Item) -> AttributeExpression:
    return AttributeExpression(
        parameters[field],
        item,
        parameters.get("ExpressionAttributeNames", {}),
        parameters.get("ExpressionAttributeValues", {}),
    )


@contextmanager
def _reported(operation: str, field: str) -> Iterator[None]:
    try:
        yield
    except InvalidExpressionText as error:
        message = f"Invalid {field}: {error}"
        raise client_error(operation, "ValidationException", message) from error


def _key(
    connection: Connection, operation: str, parameters: dict[str, Any], attributes: Item
) -> str:
    """The key attributes of an item as a text.

    Raises:
        botocore.exceptions.ClientError: The table does not exist, or a key attribute is missing.
    """
    names = _require_table(connection, operation, parameters["TableName"])
    key = {name: attributes.get(name) for name in _names(names)}
    if None in key.values() or ("Key" in parameters and attributes.keys() != key.keys()):
        message = "The provided key element does not match the schema"
        raise client_error(operation, "ValidationException", message)
    return dumps(key)


def _require_table(connection: Connection, operation: str, name: str) -> str:
    """The key names of a table."""
    names = rows.find_table(connection, name)
    if names is None:
        message = "Requested resource not found"
        raise client_error(operation, "ResourceNotFoundException", message)
    return names


def _names(text: str) -> list[str]:
    names = loads(text)
    return [str(name) for name in names] if isinstance(names, list) else []


def _load(text: str | None) -> Item | None:
    value: Any = None if text is None else loads(text)
    item: Item | None = value
    return item


def _check(operation: str, parameters: dict[str, Any]) -> None:
    """Validate the parameters with DynamoDB's own model, as boto3 does."""
    shape: Any = _model().operation_model(operation).input_shape
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())
    for name in sorted(_UNKNOWN & parameters.keys()):
        message = f"The local DynamoDB does not have the parameter '{name}'"
        raise client_error(operation, "ValidationException", message)


@lru_cache(maxsize=1)
def _model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("dynamodb")
