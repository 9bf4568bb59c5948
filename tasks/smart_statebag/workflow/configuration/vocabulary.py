"""The closed sets of a configuration: node types with aliases, edge types, policies."""

from typing import Final

LLM_CHAT: Final = "llm_chat"
PARALLEL_GROUP: Final = "parallel_group"

_ALIASES: dict[str, tuple[str, ...]] = {
    "operator": ("code", "function", "lambda", "task", "operator_custom"),
    "operator_official": ("safe_operator",),
    LLM_CHAT: ("aimodel", "llm", "chat", "gpt", "claude", "gemini", "genai"),
    PARALLEL_GROUP: ("parallel",),
    "for_each": ("map", "foreach"),
    "loop": (),
    "subgraph": ("group",),
    "api_call": (),
    "aggregator": (),
    "input": (),
    "output": (),
    "start": (),
    "end": (),
    "trigger": (),
}

NODE_TYPES: Final[dict[str, str]] = {
    name: node_type for node_type, aliases in _ALIASES.items() for name in (node_type, *aliases)
}
"""Every name of a supported node type, with the type it means."""

LATER_NODE_TYPES: Final = frozenset(
    {"nested_for_each", "db_query", "vision", "video_chunker", "skill_executor"}
)

HITP_EDGE_TYPES: Final = frozenset({"hitp", "human_in_the_loop", "pause", "approval"})
EDGE_TYPES: Final = HITP_EDGE_TYPES | {"edge", "normal", "flow", "conditional_edge"}

FAILURE_POLICIES: Final = (
    "fail_on_any_failure",
    "fail_on_majority_failure",
    "fail_on_all_failure",
)
MERGE_POLICIES: Final = ("last_wins", "first_wins", "error")
NODE_ERROR_POLICIES: Final = ("fail", "continue")
ERROR_HANDLINGS: Final = ("fail", "fallback", "skip")
COLLECTING: Final = ("fail", "collect")
