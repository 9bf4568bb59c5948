"""Whether a segment's LLM work takes too long for one synchronous call (Contract 5.9)."""

import os

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.configuration.vocabulary import LLM_CHAT
from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.nodes.llm_chat import completion_request
from tasks.smart_statebag.workflow.partitioning import Entry
from tasks.smart_statebag.workflow.state_view import StateView

THRESHOLD_VARIABLE = "ASYNC_TOKEN_THRESHOLD"
THRESHOLD = 8000
HEAVY_MODELS_VARIABLE = "ASYNC_HEAVY_MODELS"
CHARACTERS_PER_TOKEN = 4


def needs_async(entry: Entry, view: StateView) -> bool:
    """Whether some LLM node asks for it, names a heavy model or exceeds the token threshold."""
    return any(
        node["type"] == LLM_CHAT and _is_heavy(node, view) for node in objects(entry.get("nodes"))
    )


def _is_heavy(node: JsonObject, view: StateView) -> bool:
    config = node["config"] if isinstance(node["config"], dict) else {}
    if config.get("async") is True:
        return True
    request = completion_request(config, view)
    if request.model is not None and request.model in _heavy_models():
        return True
    characters = len(request.system) + len(request.prompt)
    tokens = characters / CHARACTERS_PER_TOKEN + (request.max_tokens or 0)
    return tokens > int(os.environ.get(THRESHOLD_VARIABLE) or THRESHOLD)


def _heavy_models() -> set[str]:
    names = os.environ.get(HEAVY_MODELS_VARIABLE, "").split(",")
    return {name.strip() for name in names if name.strip()}
