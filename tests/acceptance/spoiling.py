"""What may be wrong with a request: its members, its body, its headers."""

import gzip
import json
from typing import Any

from hypothesis import strategies as st

JUNK = st.sampled_from(
    [
        *(None, True, 0, -1, 1.5, 1e308, 2**31, 2**63, 2**70),
        *("", " ", "\x00", "a\x00b", "é", "\u2028", "\U0001f600", "x" * 81, "x" * 3000, "arn:"),
        *("../../etc/passwd", "'; DROP TABLE executions; --", "{% $states %}", "$.a[?(@.b)]"),
        *([], [[]], [None], {}, {"": None}, {"a": {"b": ["c"]}}),
    ]
)


def _credential(scope: str) -> dict[str, str]:
    algorithm = "AWS4-HMAC-SHA256"
    return {"Authorization": f"{algorithm} Credential={scope}, SignedHeaders=host, Signature=0"}


JUNK_HEADERS = st.sampled_from(
    [
        _credential("000000000000/20250101/us:east/states/aws4_request"),
        _credential("000000000000/20250101/é é/states/aws4_request"),
        _credential("/////"),
        _credential("a" * 5000),
        {"Authorization": "Bearer é"},
        {"Authorization": "AWS4-HMAC-SHA256"},
        {"Content-Type": ""},
        {"Content-Type": ";;;"},
        {"Content-Type": "application/json"},
        {"Content-Encoding": "gzip"},
        {"Expect": "nothing"},
        {"X-Amz-Date": "yesterday", "Date": "é"},
        {"Upgrade": "websocket", "Connection": "Upgrade"},
    ]
)


def spoilt(draw: st.DrawFn, members: Any) -> Any:
    """The members with something else in one place, or with one place gone."""
    places = list(_places(members)) if isinstance(members, dict | list) else []
    if not places:
        return draw(JUNK)
    path = draw(st.sampled_from(places))
    altered = json.loads(json.dumps(members))
    around = altered
    for key in path[:-1]:
        around = around[key]
    if draw(st.booleans()):
        around[path[-1]] = draw(JUNK)
    else:
        del around[path[-1]]
    return altered


def _places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from _places(item, (*path, key))


def spoilt_bodies(members: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """What is not quite the JSON of these members."""
    body = json.dumps(members).encode()
    return st.one_of(
        st.integers(0, len(body) - 1).map(lambda end: body[:end]),
        st.binary(max_size=50),
        st.sampled_from(
            [
                b"[" * 100_000,
                b'{"name":' * 5000 + b"1" + b"}" * 5000,
                b'{"maxResults": ' + b"9" * 5000 + b"}",
                b'{"name": "\xff\xfe"}',
                b"\xef\xbb\xbf{}",
                body.decode().encode("utf-16"),
                body[:-1] + b', "name": 1, "name": "a"}',
                body[:-1] + b', "maxResults": NaN}',
                gzip.compress(body),
                b"null",
                b"[]",
                b"",
            ]
        ),
    )
