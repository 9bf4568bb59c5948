"""What ExecuteSegment needs of the world; the defaults are those of the environment."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.clock import Clock, SystemClock
from tasks.smart_statebag.bag.envelopes import kind_of, s3_reference
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, size_of
from tasks.smart_statebag.bag.state_bucket import state_storage
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.segments.request import SegmentRequest
from tasks.smart_statebag.workflow.llm import Provider, provider_named
from tasks.smart_statebag.workflow.nodes import NodeServices
from tasks.smart_statebag.workflow.nodes.addresses import AddressRules

EARLY_EXIT_VARIABLE = "LAMBDA_EARLY_EXIT_MS"
EARLY_EXIT_MS = 10_000

Hook: TypeAlias = Callable[[SegmentRequest, JsonObject, JsonObject], str | None]
"""Given the request, the map's entry and a state: the reason to end the execution, or None."""


class LambdaContext(Protocol):
    """The part of a Lambda context that is asked."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the call is cut off."""
        ...


def allow(request: SegmentRequest, entry: JsonObject, state: JsonObject) -> str | None:
    """The hook that has no objection."""
    return None


def provider_of(name: str | None, mock: bool) -> Provider:
    """The provider that the environment describes."""
    return provider_named(name, mock=mock)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTools:
    """``admit`` is asked before a segment runs (HALTED), ``guard`` about its state (SIGKILL)."""

    storage: Callable[[], StateStorage] = state_storage
    clock: Clock = field(default_factory=SystemClock)
    provider: Callable[[str | None, bool], Provider] = provider_of
    jitter: Callable[[], float] = random.random
    addresses: AddressRules = field(default_factory=AddressRules.from_environment)
    admit: Hook = allow
    guard: Hook = allow

    def access(self, request: SegmentRequest) -> BagAccess:
        """The request's keys and hydrator; only v3 call sites read through the cache."""
        return BagAccess(request.fields, self.storage, clock=self.clock, cached=request.cached)

    def surroundings(self, request: SegmentRequest, access: BagAccess) -> NodeServices:
        """What nodes may use: large lists of theirs go to S3 and come back when they are read."""

        def resolve(value: Json) -> Json:
            # In a list, since only what lies below the execution's prefix may be followed.
            if kind_of(value) is None:
                return value
            opened = access.hydrator.hydrate([value])
            return opened[0] if isinstance(opened, list) else value

        def offload(node_id: str, value: Json) -> Json:
            if size_of(value) <= FIELD_LIMIT:
                return value
            written = access.write(access.keys.node_result(node_id), value)
            return s3_reference(written, stored_at=access.now_iso())

        return NodeServices(
            mock=request.mock,
            provider=self.provider,
            clock=self.clock,
            jitter=self.jitter,
            resolve=resolve,
            offload=offload,
            addresses=self.addresses,
        )


def time_is_short(context: LambdaContext | None) -> bool:
    """Whether less than ``LAMBDA_EARLY_EXIT_MS`` remains of the call."""
    if context is None:
        return False
    limit = int(os.environ.get(EARLY_EXIT_VARIABLE) or EARLY_EXIT_MS)
    return context.get_remaining_time_in_millis() < limit
