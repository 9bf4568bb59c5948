"""The answer of a boto3 client as the result of a Task state."""

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pipeline.integrations.services.sdk_metadata import sdk_metadata
from pipeline.integrations.services.service_actions import ActionModel
from pipeline.language.data_limits import MAX_BYTES, too_large
from pipeline.language.json_value import Json, JsonObject


def to_result(answer: dict[str, Any], action: ActionModel, *, strict_limits: bool) -> JsonObject:
    """The result of an action; for an optimised integration with the HTTP metadata.

    Args:
        answer: The client's answer.
        action: The action.
        strict_limits: Read no more of a streaming body than a state may return.

    Raises:
        ExecutionError: States.DataLimitExceeded.
    """
    shape = action.operation.output_shape
    reader = _Reader(action, strict_limits=strict_limits)
    result = {} if shape is None else reader.structure(answer, shape)
    return result | _metadata(answer.get("ResponseMetadata", {})) if action.is_optimised else result


def _metadata(metadata: dict[str, Any]) -> JsonObject:
    return sdk_metadata(
        metadata.get("RequestId") or str(uuid4()),
        metadata.get("HTTPStatusCode", 200),
        metadata.get("HTTPHeaders", {}),
    )


class _Reader:
    """Translates the values of one answer."""

    def __init__(self, action: ActionModel, *, strict_limits: bool) -> None:
        self._action = action
        self._strict_limits = strict_limits

    def structure(self, fields: dict[str, Any], shape: Any) -> JsonObject:
        payload = shape.serialization.get("payload")
        return {
            self._action.field_name(member): (
                self._body(fields[member])
                if member == payload and of.type_name == "blob"
                else self._value(fields[member], of)
            )
            for member, of in shape.members.items()
            if fields.get(member) is not None
        }

    def _body(self, value: Any) -> str:
        """The body of an answer, as a text."""
        if isinstance(value, bytes):
            content = value
        elif self._strict_limits:
            content = value.read(MAX_BYTES + 1)
            value.close()
        else:
            content = value.read()
        if self._strict_limits and len(content) > MAX_BYTES:
            raise too_large(self._action.resource)
        return content.decode(errors="replace")

    def _value(self, value: Any, shape: Any) -> Json:
        match shape.type_name, value:
            case "structure", dict() if not shape.is_document_type:
                return self.structure(value, shape)
            case "map", dict():
                return {name: self._value(part, shape.value) for name, part in value.items()}
            case "list", list():
                return [self._value(part, shape.member) for part in value]
        return self._plain(value)

    def _plain(self, value: Any) -> Json:
        """A scalar as JSON, blobs in base64; documents as they are.

        Times have the form that Jackson gives them for each Java SDK: dates in milliseconds,
        instants as texts.
        """
        match value:
            case bytes():
                return base64.b64encode(value).decode()
            case datetime() if self._action.is_optimised:
                return round(value.timestamp() * 1000)
            case datetime():
                return _instant(value)
        plain: Json = value
        return plain


def _instant(value: datetime) -> str:
    """A time in the form of Java's ``Instant``: a fraction has groups of three digits."""
    if value.microsecond == 0:
        precision = "seconds"
    else:
        precision = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
