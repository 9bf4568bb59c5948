"""Any HTTP endpoint that speaks the OpenAI chat protocol, streaming off (Contract 7.5)."""

from dataclasses import dataclass

import httpx

from tasks.smart_statebag.bag.json_value import Json, JsonObject, decode
from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.llm.completion import Completion, CompletionRequest, Usage
from tasks.smart_statebag.workflow.node_errors import NodeError

TOO_MANY_REQUESTS = 429
DEFAULT_TIMEOUT = 60.0
EXCERPT = 500
"""Characters of an error response's body that go into the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAICompatibleProvider:
    """One endpoint; ``name`` is what a node calls it, ``timeout`` is in seconds."""

    base_url: str
    model: str
    api_key: str | None = None
    name: str = "openai_compatible"
    timeout: float = DEFAULT_TIMEOUT

    def complete(self, request: CompletionRequest) -> Completion:
        """POST ``{base_url}/chat/completions``, once.

        Raises:
            NodeError: Retryable after 429, 5xx, a time-out or a lost connection.
        """
        model = request.model or self.model
        answer = self._post(_body(request, model))
        text = _text(answer)
        return Completion(
            text=text,
            value=None if request.response_schema is None else _parsed(text),
            usage=_usage(answer),
            model=str(answer.get("model") or model),
            provider=self.name,
        )

    def _post(self, body: JsonObject) -> JsonObject:
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        url = f"{self.base_url.rstrip('/')}/chat/completions"
        try:
            response = httpx.post(url, json=body, headers=headers, timeout=self.timeout)
        except httpx.TimeoutException as error:
            raise NodeError(
                "LLMTimeout", f"no answer in {self.timeout} s", retryable=True
            ) from error
        except httpx.TransportError as error:
            raise NodeError("LLMConnectionError", str(error), retryable=True) from error
        _raise_for_status(response)
        try:
            answer = decode(response.content)
        except ValueError as error:
            raise NodeError("LLMInvalidResponse", f"the answer is not JSON: {error}") from error
        return answer if isinstance(answer, dict) else {}


def _body(request: CompletionRequest, model: str) -> JsonObject:
    messages: list[Json] = [{"role": "user", "content": request.prompt}]
    if request.system:
        messages.insert(0, {"role": "system", "content": request.system})
    body: JsonObject = {"model": model, "messages": messages, "stream": False}
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.max_tokens is not None:
        body["max_tokens"] = request.max_tokens
    if request.response_schema is not None:
        named: JsonObject = {"name": "response", "schema": request.response_schema}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    return body


def _raise_for_status(response: httpx.Response) -> None:
    status = response.status_code
    if status < httpx.codes.BAD_REQUEST:
        return
    cause = f"HTTP {status}: {response.text[:EXCERPT]}"
    if status == TOO_MANY_REQUESTS:
        raise NodeError("LLMThrottled", cause, retryable=True)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise NodeError("LLMUnavailable", cause, retryable=True)
    raise NodeError("LLMRequestRefused", cause)


def _text(answer: JsonObject) -> str:
    choices = objects(answer.get("choices"))
    message = choices[0].get("message") if choices else None
    text = message.get("content") if isinstance(message, dict) else None
    if not isinstance(text, str):
        raise NodeError("LLMInvalidResponse", "the answer has no message")
    return text


def _parsed(text: str) -> Json:
    try:
        return decode(text)
    except ValueError as error:
        cause = f"the text does not follow the response_schema: {error}"
        raise NodeError("LLMInvalidResponse", cause) from error


def _usage(answer: JsonObject) -> Usage:
    given = answer.get("usage")
    figures = given if isinstance(given, dict) else {}
    return Usage(
        input_tokens=_tokens(figures.get("prompt_tokens")),
        output_tokens=_tokens(figures.get("completion_tokens")),
    )


def _tokens(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
