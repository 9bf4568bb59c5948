"""The request of an HTTP task.

AWS Step Functions Developer Guide, "Call HTTPS APIs in Step Functions workflows".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.integrations.services.connections import Additions
from pipeline.integrations.services.form_encoding import ARRAY_FORMATS, form_encoded, text_of
from pipeline.integrations.services.parameters import missing_field, unsupported_field, unusable
from pipeline.language.data_limits import MAX_BYTES
from pipeline.language.json_value import Json, JsonObject, dumps

REQUIRED = ("ApiEndpoint", "Method")
CONNECTION_FIELDS = ("Authentication", "InvocationConfig")
FIELDS = (
    *REQUIRED,
    *CONNECTION_FIELDS,
    "Headers",
    "QueryParameters",
    "RequestBody",
    "Transform",
)
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")

_REJECTED_HEADERS = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "content-md5",
        "date",
        "expect",
        "host",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "www-authenticate",
    }
)
"""Headers that a state machine must not set."""

_REJECTED_BEGINNINGS = ("x-amz", "x-forwarded")
"""Prefixes of further such headers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """The state's request, before its connection adds the credentials."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, list[str]]
    content: bytes | None


def connection_arn(arguments: JsonObject) -> str:
    """ARN of the connection that the parameters name.

    Raises:
        ExecutionError: States.Runtime, if they name none.
    """
    for field in CONNECTION_FIELDS:
        match arguments.get(field):
            case {"ConnectionArn": str(arn)}:
                return arn
    raise unusable(arguments, missing_field("ConnectionArn"))


def http_request(arguments: JsonObject, connection: Additions, region: str) -> HttpRequest:
    """The request of an effective input. The connection's additions come first.

    Args:
        arguments: The effective input.
        connection: The additions of its connection.
        region: The state machine's region, which the user agent names.

    Raises:
        ExecutionError: States.Runtime, if the input is not that of an HTTP task.
    """
    _check(arguments)
    encoding = _encoding(arguments)
    body = arguments.get("RequestBody")
    if connection.body:
        body = {**(body if isinstance(body, dict) else {}), **connection.body}
    headers = {
        "user-agent": f"Amazon|StepFunctions|HttpInvoke|{region}",
        "range": f"bytes=0-{MAX_BYTES}",
        "content-type": (
            "application/json" if encoding is None else "application/x-www-form-urlencoded"
        ),
        **{name.lower(): text_of(value) for name, value in _object(arguments, "Headers").items()},
        **{name.lower(): value for name, value in connection.headers.items()},
    }
    query = {
        name: [text_of(each) for each in value] if isinstance(value, list) else [text_of(value)]
        for name, value in {**_object(arguments, "QueryParameters"), **connection.query}.items()
    }
    return HttpRequest(
        method=str(arguments["Method"]),
        url=str(arguments["ApiEndpoint"]),
        headers=headers,
        query=query,
        content=None if body is None else _content(arguments, body, encoding),
    )


def _check(arguments: JsonObject) -> None:
    wrong = [unsupported_field(name) for name in arguments if name not in FIELDS]
    wrong += [missing_field(name) for name in REQUIRED if name not in arguments]
    if arguments.get("Method", METHODS[0]) not in METHODS:
        wrong.append(f'The value for the field "Method" must be one of {", ".join(METHODS)}')
    if not str(arguments.get("ApiEndpoint", "https://")).startswith(("https://", "http://")):
        wrong.append('The value for the field "ApiEndpoint" must be a URL')
    wrong += [
        f'The header "{name}" is not supported by Step Functions'
        for name in _object(arguments, "Headers")
        if name.lower() in _REJECTED_HEADERS or name.lower().startswith(_REJECTED_BEGINNINGS)
    ]
    if wrong:
        raise unusable(arguments, ", ".join(wrong))


def _object(arguments: JsonObject, field: str) -> JsonObject:
    value = arguments.get(field) or {}
    if not isinstance(value, dict):
        raise unusable(arguments, f'The value for the field "{field}" must be an OBJECT')
    return value


def _encoding(arguments: JsonObject) -> str | None:
    """The ArrayFormat of a form-encoded body; None for one in JSON."""
    transform = _object(arguments, "Transform")
    if transform.get("RequestBodyEncoding", "NONE") == "NONE":
        return None
    array_format = _object(transform, "RequestEncodingOptions").get("ArrayFormat", "INDICES")
    if transform["RequestBodyEncoding"] != "URL_ENCODED" or array_format not in ARRAY_FORMATS:
        raise unusable(arguments, 'The value for the field "Transform" is not supported')
    return str(array_format)


def _content(arguments: JsonObject, body: Json, encoding: str | None) -> bytes:
    if encoding is None:
        return dumps(body).encode()
    if not isinstance(body, dict):
        raise unusable(arguments, "A RequestBody that is URL_ENCODED must be an object")
    return form_encoded(body, encoding).encode()
