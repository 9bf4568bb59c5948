"""Rows in DynamoDB's JSON: ``{"status": {"S": "RUNNING"}}``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from tasks.smart_statebag.bag.errors import NotSerialisable
from tasks.smart_statebag.bag.json_value import Json, JsonObject

_serialise = TypeSerializer().serialize
_deserialise = TypeDeserializer().deserialize


def to_attributes(values: Mapping[str, Json]) -> dict[str, Any]:
    """Every value with its type.

    Raises:
        NotSerialisable: DynamoDB cannot represent a number.
    """
    return {name: to_attribute(value) for name, value in values.items()}


def to_attribute(value: Json) -> Any:
    """One value with its type."""
    try:
        return _serialise(_with_decimals(value))
    except (TypeError, ArithmeticError) as error:
        raise NotSerialisable(str(error)) from error


def from_attributes(attributes: Mapping[str, Any]) -> JsonObject:
    """The plain JSON values of a row."""
    return {name: _plain(_deserialise(value)) for name, value in attributes.items()}


def _with_decimals(value: Json) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, list):
        return [_with_decimals(element) for element in value]
    if isinstance(value, dict):
        return {name: _with_decimals(element) for name, element in value.items()}
    return value


def _plain(value: Any) -> Json:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if isinstance(value, dict):
        return {name: _plain(element) for name, element in value.items()}
    plain: Json = value
    return plain
