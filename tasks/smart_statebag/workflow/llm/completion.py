"""The provider interface (Contract 7.5)."""

from dataclasses import dataclass
from typing import Protocol

from tasks.smart_statebag.bag.json_value import Json, JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """A request to a model; null leaves a choice to the provider."""

    model: str | None
    system: str
    prompt: str
    temperature: float | None = None
    max_tokens: int | None = None
    response_schema: JsonObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens a completion cost."""

    input_tokens: int
    output_tokens: int

    def as_json(self) -> JsonObject:
        """The three figures of Contract 7.5."""
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "total_tokens": self.input_tokens + self.output_tokens,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A model's answer; ``value`` is the parsed text if the request has a schema, else null."""

    text: str
    value: Json
    usage: Usage
    model: str
    provider: str


class Provider(Protocol):
    """Something that completes prompts; one attempt a call, retries are the caller's."""

    def complete(self, request: CompletionRequest) -> Completion:
        """The completion of a request.

        Raises:
            NodeError: The model did not answer; ``retryable`` if it may do so later.
        """
        ...
