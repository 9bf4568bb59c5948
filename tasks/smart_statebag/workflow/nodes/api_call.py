"""api_call: one HTTP request to a public address (Contract 6.5)."""

from dataclasses import dataclass

import httpx

from tasks.smart_statebag.bag.json_value import Json, JsonObject, decode, is_number
from tasks.smart_statebag.workflow.node_errors import NodeError
from tasks.smart_statebag.workflow.nodes.addresses import AddressRules, CheckedTransport
from tasks.smart_statebag.workflow.nodes.context import NodeContext, NodeOutcome
from tasks.smart_statebag.workflow.operators.lists import as_text
from tasks.smart_statebag.workflow.templates import render_value

MAX_TIMEOUT = 30.0
MAX_REDIRECTS = 5
MAX_BODY = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, rendered."""

    method: str
    url: httpx.URL
    headers: dict[str, str]
    json: Json
    timeout: float


def run_api_call(node: JsonObject, state: JsonObject, context: NodeContext) -> NodeOutcome:
    """Write ``{id}_status`` and ``{id}_response``, or with ``accept_errors`` ``{id}_error``."""
    node_id = str(node["id"])
    config = node["config"] if isinstance(node["config"], dict) else {}
    status, content, encoding = _send(_call(config, state, context), context.services.addresses)
    body = _value(content, encoding)
    entry: JsonObject = {"details": {"status": status}}
    if status < httpx.codes.BAD_REQUEST:
        writes: JsonObject = {f"{node_id}_status": status, f"{node_id}_response": body}
        return NodeOutcome(writes=writes, entry=entry)
    if config.get("accept_errors") is True:
        return NodeOutcome(
            writes={f"{node_id}_status": status, f"{node_id}_error": body}, entry=entry
        )
    retryable = status in (429, 502, 503, 504)
    raise NodeError("ApiCallFailed", f"HTTP {status}: {as_text(body)[:500]}", retryable=retryable)


def _call(config: JsonObject, state: JsonObject, context: NodeContext) -> Call:
    view = context.view(state)
    rendered = {
        key: render_value(config.get(key), view) for key in ("url", "headers", "params", "json")
    }
    url = _url(as_text(rendered["url"]))
    if params := _texts(rendered["params"]):
        url = url.copy_merge_params(params)
    timeout = config.get("timeout")
    return Call(
        method=as_text(config.get("method") or "GET").upper(),
        url=url,
        headers=_texts(rendered["headers"]),
        json=rendered["json"],
        timeout=min(float(str(timeout)), MAX_TIMEOUT) if is_number(timeout) else MAX_TIMEOUT,
    )


def _texts(value: Json) -> dict[str, str]:
    members = value if isinstance(value, dict) else {}
    return {key: as_text(member) for key, member in members.items()}


def _url(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except httpx.InvalidURL as error:
        raise NodeError("AddressRefused", f"{text[:200]!r} is not a URL: {error}") from error


def _send(call: Call, addresses: AddressRules) -> tuple[int, bytes, str]:
    """Status, body and encoding of the response, after at most five redirects."""
    try:
        with (
            httpx.Client(
                transport=CheckedTransport(addresses),
                timeout=call.timeout,
                follow_redirects=True,
                max_redirects=MAX_REDIRECTS,
            ) as client,
            client.stream(call.method, call.url, headers=call.headers, json=call.json) as response,
        ):
            return response.status_code, _read(response), response.encoding or "utf-8"
    except httpx.TimeoutException as error:
        cause = f"no answer in {call.timeout} s"
        raise NodeError("ApiCallTimeout", cause, retryable=True) from error
    except httpx.TransportError as error:
        raise NodeError("ConnectionFailed", str(error), retryable=True) from error
    except httpx.HTTPError as error:
        raise NodeError("ApiCallFailed", str(error)) from error


def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MAX_BODY:
            raise NodeError("ApiCallFailed", f"the answer has more than {MAX_BODY} bytes")
    return bytes(body)


def _value(body: bytes, encoding: str) -> Json:
    try:
        return decode(body)
    except ValueError:
        return body.decode(encoding, "replace")
