"""llm_chat: renders a prompt over the state and writes a model's answer into it."""

from tasks.smart_statebag.bag.json_value import Json, JsonObject, is_number
from tasks.smart_statebag.workflow.history_entries import CONTENT_CHARACTERS
from tasks.smart_statebag.workflow.llm import CompletionRequest
from tasks.smart_statebag.workflow.nodes.context import NodeContext, NodeOutcome
from tasks.smart_statebag.workflow.state_view import StateView
from tasks.smart_statebag.workflow.templates import render


def run_llm_chat(node: JsonObject, state: JsonObject, context: NodeContext) -> NodeOutcome:
    """Write the answer to ``output_key`` (default ``{id}_output``), its cost to ``{id}_meta``."""
    config = node["config"] if isinstance(node["config"], dict) else {}
    name = _text(config.get("provider"))
    provider = context.services.provider(name, context.services.mock)
    request = completion_request(config, context.view(state))
    completion = provider.complete(request)
    usage = completion.usage.as_json()
    meta: JsonObject = {
        "provider": completion.provider,
        "model": completion.model,
        "usage": usage,
    }
    answer: Json = completion.text if request.response_schema is None else completion.value
    output_key = _text(config.get("output_key")) or f"{node['id']}_output"
    return NodeOutcome(
        writes={output_key: answer, f"{node['id']}_meta": meta},
        entry={
            "content": completion.text[:CONTENT_CHARACTERS],
            "usage": usage,
            "details": {"provider": completion.provider, "model": completion.model},
        },
    )


def completion_request(config: JsonObject, view: StateView) -> CompletionRequest:
    """The request of an llm_chat node over a state."""
    temperature, max_tokens = config.get("temperature"), config.get("max_tokens")
    schema = config.get("response_schema")
    return CompletionRequest(
        model=_text(config.get("model")),
        system=render(_text(config.get("system_prompt")) or "", view),
        prompt=render(_text(config.get("prompt_content")) or "", view),
        temperature=float(str(temperature)) if is_number(temperature) else None,
        max_tokens=max_tokens if isinstance(max_tokens, int) else None,
        response_schema=schema if isinstance(schema, dict) and schema else None,
    )


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
