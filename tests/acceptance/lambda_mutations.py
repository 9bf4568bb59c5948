"""Requests made from botocore's model of Lambda: good ones, and good ones spoilt."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from pipeline.api.lambda_actions import LAMBDA_ACTIONS
from pipeline.api.lambda_model import lambda_model
from tests.acceptance.api_mutations import Sent, inputs
from tests.acceptance.spoiling import JUNK_HEADERS, spoilt, spoilt_bodies

_PAYLOADS = st.one_of(
    st.sampled_from(
        [
            *(b"", b" ", b"{}", b"[1, null]", b"NaN", b"{", b"\xff", b'"\\ud800"', b'"\\u0000"'),
            *(b"[" * depth + b"]" * depth for depth in (300, 1000, 1001, 9990)),
            "[1]".encode("utf-16"),
        ]
    ),
    st.binary(max_size=20),
)


@st.composite
def lambda_requests(draw: st.DrawFn) -> Sent:
    """A request to any of Lambda's actions that are served."""
    model = lambda_model().operation_model(draw(st.sampled_from(sorted(LAMBDA_ACTIONS))))
    members = draw(inputs(model.input_shape))
    if model.name == "CreateFunction":
        # The model does not say that a zip needs them.
        members = {"Runtime": "python3.12", "Handler": "index.handler"} | members
    kind = draw(st.sampled_from([*["good"] * 4, "member", "body", "header"]))
    if kind == "member":
        altered = spoilt(draw, members)
        members = altered if isinstance(altered, dict) else members
    path, headers, body = _placed(members, model)
    if kind == "body":
        body = draw(spoilt_bodies(members))
    elif "payload" in model.input_shape.serialization:
        body = draw(_PAYLOADS)
    if kind == "header":
        headers |= draw(JUNK_HEADERS)
    return Sent(body, headers, model.http["method"], path)


def _placed(members: dict[str, Any], model: Any) -> tuple[str, dict[str, str], bytes]:
    """The path with its query, the headers and the body that hold these members."""
    path, query, headers, body = model.http["requestUri"], {}, {}, dict(members)
    for name, shape in model.input_shape.members.items():
        place = shape.serialization.get("location")
        if place is None or (name not in body and place != "uri"):
            continue
        value = body.pop(name, "")
        text = value if isinstance(value, str) else json.dumps(value)
        told = shape.serialization.get("name", name)
        if place == "uri":
            path = path.replace(f"{{{told}}}", quote(text, safe=""))
        elif place == "querystring":
            query[told] = text
        else:
            headers[told] = "".join(char if " " < char < "\x7f" else "?" for char in text)
    asked = f"{path}?{urlencode(query)}" if query else path
    return asked, headers, json.dumps(body).encode()
