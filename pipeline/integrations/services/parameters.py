"""The effective input of a Task state as the parameters of a boto3 client's method.

botocore's model gives the type of each part. botocore's own validation checks nested required
fields, and limits.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from pipeline.integrations.services.service_actions import ActionModel
from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.json_value import Json, JsonObject, dump_bytes, dumps

_JSON_TYPES: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "boolean": (bool, "a BOOLEAN"),
    "double": ((int, float), "a NUMBER"),
    "float": ((int, float), "a NUMBER"),
    "integer": (int, "a NUMBER"),
    "list": (list, "an ARRAY"),
    "long": (int, "a NUMBER"),
    "map": (dict, "an OBJECT"),
    "string": (str, "a STRING"),
    "structure": (dict, "an OBJECT"),
}
"""The JSON type of each of a model's types, and AWS's name of it."""


def to_parameters(
    arguments: Json, action: ActionModel, *, blobs_as_text: bool = False
) -> dict[str, Any]:
    """The parameters of an action.

    Args:
        arguments: The effective input.
        action: The action.
        blobs_as_text: Leave blobs within others in base64.

    Raises:
        ExecutionError: States.Runtime, if the action does not take them.
    """
    if not isinstance(arguments, dict):
        raise unusable(arguments, "The Parameters must be an object")
    writer = _Writer(action, blobs_as_text=blobs_as_text)
    shape = action.operation.input_shape
    parameters: dict[str, Any] = {}
    if shape is None:
        writer.wrong += [unsupported_field(name) for name in arguments]
    else:
        texts = {
            name: dumps(value)
            for name, value in arguments.items()
            if name in action.free_texts and value is not None and not isinstance(value, str)
        }
        parameters = writer.structure({**arguments, **texts}, shape)
    if writer.wrong:
        raise unusable(arguments, ", ".join(writer.wrong))
    return parameters


def unusable(arguments: Json, reason: str) -> ExecutionError:
    """The error of an effective input that the action does not take."""
    return ExecutionError(
        RUNTIME,
        f"The Parameters '{dumps(arguments)}' could not be used to start the Task: [{reason}]",
    )


def unsupported_field(name: str) -> str:
    """AWS's text about a parameter that the action does not have."""
    return f'The field "{name}" is not supported by Step Functions'


def missing_field(name: str) -> str:
    """AWS's text about a missing required parameter."""
    return f'The field "{name}" is required but was missing'


class _Writer:
    """Translates the values of one call, and collects the errors in ``wrong``."""

    def __init__(self, action: ActionModel, *, blobs_as_text: bool) -> None:
        self.wrong: list[str] = []
        self._field_name = action.field_name
        self._blobs_as_text = blobs_as_text

    def structure(self, fields: JsonObject, shape: Any) -> dict[str, Any]:
        members = {self._field_name(member): member for member in shape.members}
        self.wrong += [unsupported_field(name) for name in fields if name not in members]
        payload = shape.serialization.get("payload")
        written: dict[str, Any] = {}
        for name, value in fields.items():
            # For the Java SDK a null is a missing field.
            if name in members and value is not None:
                member = members[name]
                written[member] = self._member(
                    name, value, shape.members[member], is_body=member == payload
                )
        return written

    def _member(self, name: str, value: Json, shape: Shape, *, is_body: bool) -> Any:
        if is_body and shape.type_name == "blob":
            return value.encode() if isinstance(value, str) else dump_bytes(value)
        return self._value(name, value, shape)

    def _value(self, name: str, value: Json, shape: Any) -> Any:
        match shape.type_name, value:
            case "structure", dict() if not shape.is_document_type:
                return self.structure(value, shape)
            case "map", dict():
                return {key: self._value(name, part, shape.value) for key, part in value.items()}
            case "list", list():
                return [self._value(name, part, shape.member) for part in value]
            case "blob", _ if not self._blobs_as_text:
                return self._blob(name, value)
            case "integer" | "long", float() if value.is_integer():
                return int(value)
        self._check_type(name, value, shape)
        return value

    def _check_type(self, name: str, value: Json, shape: Any) -> None:
        is_free = shape.type_name == "structure" and shape.is_document_type
        if is_free or shape.serialization.get("jsonvalue") or shape.type_name not in _JSON_TYPES:
            return
        expected, type_name = _JSON_TYPES[shape.type_name]
        if isinstance(value, bool) is not (expected is bool) or not isinstance(value, expected):
            self.wrong.append(f'The value for the field "{name}" must be {type_name}')

    def _blob(self, name: str, value: Json) -> bytes:
        """The bytes of a text in base64, or the JSON of any other value."""
        if not isinstance(value, str):
            return dump_bytes(value)
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            self.wrong.append(f'The value for the field "{name}" must be in base64')
            return b""
