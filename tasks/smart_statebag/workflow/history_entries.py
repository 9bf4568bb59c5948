"""History entries, which record what nodes did (Contract 5.10)."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from tasks.smart_statebag.bag.json_value import Json, JsonObject, encode_canonical

COMPLETED, FAILED = "COMPLETED", "FAILED"

_ENTRY_TYPES = {
    "llm_chat": "ai_thought",
    "operator": "tool_usage",
    "operator_official": "tool_usage",
    "api_call": "tool_usage",
    "for_each": "tool_usage",
    "loop": "tool_usage",
    "subgraph": "tool_usage",
}
OTHER_TYPE = "segment"
CONTENT_CHARACTERS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where in an execution a segment runs; it makes the ids of a repeated call the same."""

    execution_id: str
    scope: str = "main"
    loop: int = 0
    segment: int = 0


@dataclass(slots=True, kw_only=True)
class Journal:
    """Collects the entries of one segment."""

    position: Position
    entries: list[JsonObject] = field(default_factory=list)
    _ordinals: Counter[str] = field(default_factory=Counter)

    def record(self, node: JsonObject, *, status: str, at: float, **fields: Json) -> None:
        """Add the entry of a node that ran; ``fields`` are further ones, possibly an ``id``."""
        node_id = str(node["id"])
        given = {key: value for key, value in fields.items() if value is not None}
        entry: JsonObject = {
            "id": self.entry_id(node_id),
            "type": _ENTRY_TYPES.get(str(node["type"]), OTHER_TYPE),
            "name": node.get("label") or node_id,
            "node_id": node_id,
            "segment": self.position.segment,
            "status": status,
            "timestamp": at,
            "content": None,
            "details": None,
            "usage": None,
            "input": None,
            "output": None,
            "error": None,
            **given,
        }
        self.entries.append(entry)

    def count_of(self, node_id: str) -> int:
        """How often a node has been recorded."""
        return self._ordinals[node_id]

    def entry_id(self, node_id: str) -> str:
        """The id of a node's next entry."""
        ordinal = self._ordinals[node_id]
        self._ordinals[node_id] += 1
        position = self.position
        parts: list[Json] = [
            position.execution_id,
            position.scope,
            position.loop,
            position.segment,
            node_id,
            ordinal,
        ]
        return hashlib.sha256(encode_canonical(parts)).hexdigest()[:32]
