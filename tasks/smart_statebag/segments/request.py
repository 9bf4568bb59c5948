"""One call of ExecuteSegment (Contract 5.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import branch_scope, chunk_scope
from tasks.smart_statebag.bag.state_documents import MAIN, MERGE

AGGREGATOR = "aggregator"
ITEM = "item"

ALIASES: dict[str, tuple[str, ...]] = {
    "ownerId": ("owner_id", "user_id"),
    "workflowId": ("workflow_id",),
    "current_state": ("state",),
}


class Site(Enum):
    """Where a call comes from: it decides scopes, limits and what may be handed out."""

    MAIN_LOOP = "main loop"
    BRANCH = "branch"
    ITEM = "item"
    CHUNK = "chunk"
    WHOLE_BRANCH = "whole branch"
    AGGREGATOR = "aggregator"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRequest:
    """The fields of an event, and its call site.

    Attributes:
        fields: Those of ``state_data``, overridden by those of the event.
        cached: Whether reads go through the cache: for v3 calls, whose events have ``state_data``.
    """

    fields: JsonObject
    site: Site
    cached: bool

    @classmethod
    def of(cls, event: Json) -> "SegmentRequest":
        """Read an event.

        Raises:
            InvalidInput: The event is not an object.
        """
        if not isinstance(event, dict):
            raise InvalidInput("event", "must be an object")
        bag = event.get("state_data")
        cached = isinstance(bag, dict)
        fields: JsonObject = dict(bag) if isinstance(bag, dict) else {}
        given = {key: value for key, value in event.items() if key != "state_data"}
        fields.update((key, value) for key, value in given.items() if value is not None)
        for name, aliases in ALIASES.items():
            if fields.get(name) is None:
                fields[name] = first_present(fields, aliases)
        return cls(fields=fields, site=_site(fields), cached=cached)

    def get(self, name: str) -> Json:
        """A field, null where it is absent."""
        return self.fields.get(name)

    def flag(self, name: str, default: bool) -> bool:
        """A field that is a boolean."""
        value = self.fields.get(name)
        return value if isinstance(value, bool) else default

    @property
    def loop(self) -> int:
        return integer_or(self.fields.get("loop_counter"), 0)

    @property
    def segment(self) -> Json:
        """The segment to run: ``segment_id``, else ``segment_to_run``."""
        return first_present(self.fields, ("segment_id", "segment_to_run"))

    @property
    def mock(self) -> bool:
        return self.fields.get("MOCK_MODE") in (True, "true")

    @property
    def hands_out(self) -> bool:
        """Whether the machine runs the branches of a group and waits for answers."""
        return self.site is Site.MAIN_LOOP

    @property
    def allow_pause(self) -> bool:
        return self.flag("allow_pause", self.hands_out)

    @property
    def allow_async(self) -> bool:
        return self.flag("allow_async", self.hands_out)

    @property
    def branch(self) -> JsonObject:
        """``branch_config``, else an empty object."""
        branch = self.fields.get("branch_config")
        return branch if isinstance(branch, dict) else {}

    @property
    def branch_index(self) -> Json:
        own = self.fields.get("branch_index")
        return self.branch.get("branch_index") if own is None else own

    @property
    def branch_id(self) -> Json:
        """The branch's own id, by default made of its index."""
        for given in (self.fields.get("branch_id"), self.branch.get("branch_id")):
            if given is not None:
                return given
        return None if self.branch_index is None else f"branch_{self.branch_index}"

    @property
    def scope(self) -> str:
        """Scope of the documents this call writes (Contract 3.3)."""
        match self.site:
            case Site.MAIN_LOOP:
                return MAIN
            case Site.ITEM:
                return ITEM
            case Site.CHUNK:
                return chunk_scope(self.fields.get("chunk_id"))
            case Site.AGGREGATOR:
                return MERGE
            case Site.BRANCH | Site.WHOLE_BRANCH:
                round_ = first_present(self.fields, ("group_loop", "loop_counter"))
                return branch_scope(0 if round_ is None else round_, self.branch_id)


def first_present(fields: JsonObject, names: Iterable[str]) -> Json:
    """The first of some fields that is not null."""
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _site(fields: JsonObject) -> Site:
    if fields.get("segment_type") == AGGREGATOR:
        return Site.AGGREGATOR
    if fields.get("chunk_id") is not None:
        return Site.CHUNK
    if fields.get("segment_config") is not None or _is_strategy_item(fields):
        return Site.ITEM
    if fields.get("branch_config") is not None and fields.get("segment_to_run") is None:
        return Site.WHOLE_BRANCH
    return Site.BRANCH if fields.get("branch_id") is not None else Site.MAIN_LOOP


def _is_strategy_item(fields: JsonObject) -> bool:
    """Items of a large manifest lack their entries, so only the mode identifies them."""
    mode = fields.get("execution_mode")
    return mode in ("MAP_REDUCE", "BATCHED") and fields.get("segment_id") is not None
