"""LLM providers (Contract 7.5), against a local server that speaks the protocol."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.smart_statebag.workflow.llm import (
    CompletionRequest,
    OfflineProvider,
    OpenAICompatibleProvider,
    provider_named,
)
from tasks.smart_statebag.workflow.node_errors import NodeError

ANSWER = {
    "model": "small-1",
    "choices": [{"message": {"role": "assistant", "content": "Tea is warm."}}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 4},
}


class Endpoint(HTTPServer):
    """Answers what it is told to, remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[tuple[str, str | None, dict[str, object]]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], body))
        status, content = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint():
    server = Endpoint()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def provider(endpoint: Endpoint) -> OpenAICompatibleProvider:
    url = f"http://127.0.0.1:{endpoint.server_port}/v1/"
    return OpenAICompatibleProvider(base_url=url, model="default-model", api_key="secret")


def asking(**fields) -> CompletionRequest:
    return CompletionRequest(**{"model": None, "system": "", "prompt": "Hi", **fields})


def test_completion_of_an_openai_compatible_endpoint(endpoint) -> None:
    endpoint.answers.append((200, json.dumps(ANSWER).encode()))
    request = asking(model="m", system="Be brief", temperature=0.5, max_tokens=9)
    completion = provider(endpoint).complete(request)
    assert completion.text == "Tea is warm."
    assert completion.value is None
    assert (completion.model, completion.provider) == ("small-1", "openai_compatible")
    assert completion.usage.as_json() == {
        "input_tokens": 7,
        "output_tokens": 4,
        "total_tokens": 11,
    }
    path, key, body = endpoint.asked[0]
    assert (path, key) == ("/v1/chat/completions", "Bearer secret")
    assert body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief"},
            {"role": "user", "content": "Hi"},
        ],
        "stream": False,
        "temperature": 0.5,
        "max_tokens": 9,
    }


def test_schema_is_sent_and_the_answer_parsed(endpoint) -> None:
    message = {"message": {"content": '{"ok": true}'}}
    endpoint.answers.append((200, json.dumps({"choices": [message]}).encode()))
    completion = provider(endpoint).complete(asking(response_schema={"type": "object"}))
    assert completion.value == {"ok": True}
    assert completion.model == "default-model"
    sent = endpoint.asked[0][2]["response_format"]
    assert sent["json_schema"]["schema"] == {"type": "object"}


@pytest.mark.parametrize(
    ("status", "content", "error", "retryable"),
    [
        (429, b"slow down", "LLMThrottled", True),
        (500, b"", "LLMUnavailable", True),
        (503, b"", "LLMUnavailable", True),
        (400, b"bad model", "LLMRequestRefused", False),
        (401, b"", "LLMRequestRefused", False),
        (200, b"not json", "LLMInvalidResponse", False),
        (200, b'{"choices": []}', "LLMInvalidResponse", False),
    ],
)
def test_failure_of_the_endpoint_is_a_node_error(
    endpoint, status, content, error, retryable
) -> None:
    endpoint.answers.append((status, content))
    with pytest.raises(NodeError) as failure:
        provider(endpoint).complete(asking())
    assert (failure.value.error_type, failure.value.retryable) == (error, retryable)
    assert "secret" not in str(failure.value)


def test_connection_that_fails_is_retryable() -> None:
    server = Endpoint()
    server.server_close()
    with pytest.raises(NodeError) as failure:
        provider(server).complete(asking())
    assert (failure.value.error_type, failure.value.retryable) == ("LLMConnectionError", True)


def test_offline_answer_says_that_it_is_one() -> None:
    prompt = "가" * 200
    completion = OfflineProvider().complete(asking(model="m", system="S", prompt=prompt))
    digest = hashlib.sha256(f'["S","{prompt}"]'.encode()).hexdigest()
    assert completion.text == f"[offline:m] {digest[:12]} {'가' * 160}"
    assert completion.usage.input_tokens == 201 // 4
    assert completion.provider == "offline"


def test_offline_answers_differ_by_system_and_prompt() -> None:
    texts = {
        OfflineProvider().complete(asking(system=system, prompt=prompt)).text
        for system, prompt in (("a", "b"), ("ab", ""), ("", "ab"), ("a", "c"))
    }
    assert len(texts) == 4


_SCALARS = st.one_of(
    st.just({"type": "string"}),
    st.builds(lambda n: {"type": "string", "minLength": n}, st.integers(0, 5)),
    st.builds(lambda n: {"type": "integer", "minimum": n}, st.integers(-5, 5)),
    st.just({"type": "number"}),
    st.just({"type": "boolean"}),
    st.just({"type": ["null", "string"]}),
    st.just({"enum": ["a", "b"]}),
    st.just({"const": {"k": 1}}),
)
_SCHEMAS = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.builds(
            lambda items, least: {"type": "array", "items": items, "minItems": least},
            inner,
            st.integers(0, 2),
        ),
        st.builds(
            lambda members: {
                "type": "object",
                "properties": members,
                "required": sorted(members)[:2],
            },
            st.dictionaries(st.sampled_from("abc"), inner),
        ),
        st.builds(lambda first: {"anyOf": [first, {"type": "null"}]}, inner),
    ),
    max_leaves=6,
)


@given(_SCHEMAS)
def test_offline_value_fits_its_schema(schema) -> None:
    completion = OfflineProvider().complete(asking(response_schema=schema))
    jsonschema.validate(completion.value, schema)
    assert json.loads(completion.text) == completion.value


def test_provider_is_chosen_by_name_and_settings() -> None:
    settings = {
        "LLM_BASE_URL": "http://a",
        "LLM_MODEL": "m",
        "LLM_BASE_URL_MISTRAL": "http://b",
        "LLM_API_KEY_MISTRAL": "k",
    }
    default = provider_named(None, mock=False, settings=settings)
    assert default == OpenAICompatibleProvider(base_url="http://a", model="m")
    named = provider_named("mistral", mock=False, settings=settings)
    assert named == OpenAICompatibleProvider(
        base_url="http://b", model="m", api_key="k", name="mistral"
    )
    for choice in (
        provider_named("mistral", mock=True, settings=settings),
        provider_named("offline", mock=False, settings=settings),
        provider_named(None, mock=False, settings={}),
    ):
        assert isinstance(choice, OfflineProvider)


def test_on_aws_answers_are_never_made_up() -> None:
    with pytest.raises(NodeError) as refusal:
        provider_named(None, mock=False, settings={"AWS_LAMBDA_FUNCTION_NAME": "f"})
    assert refusal.value.error_type == "LLMNotConfigured"
