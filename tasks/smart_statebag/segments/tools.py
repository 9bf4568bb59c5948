"""The tools of ExecuteSegment."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.envelopes import kind_of, s3_reference
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, size_of
from tasks.smart_statebag.bag.tools import StorageTools
from tasks.smart_statebag.segments.request import SegmentRequest
from tasks.smart_statebag.workflow.llm import Provider, provider_named
from tasks.smart_statebag.workflow.nodes import NodeServices
from tasks.smart_statebag.workflow.nodes.addresses import AddressRules

EARLY_EXIT_VARIABLE = "LAMBDA_EARLY_EXIT_MS"
EARLY_EXIT_MS = 10_000

Hook: TypeAlias = Callable[[SegmentRequest, JsonObject, JsonObject], str | None]
"""Given the request, the map's entry and a state: the reason to end the execution, or None."""


class LambdaContext(Protocol):
    """The part of a Lambda context that StateBag uses."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the call is cut off."""
        ...


def allow(request: SegmentRequest, entry: JsonObject, state: JsonObject) -> str | None:
    """The default hook, which allows everything."""
    return None


def provider_of(name: str | None, mock: bool) -> Provider:
    """The provider that the environment describes."""
    return provider_named(name, mock=mock)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTools(StorageTools):
    """Models, network and hooks.

    Attributes:
        admit: May reject a segment before it runs: the execution ends with HALTED.
        guard: May reject the state a segment produced: the execution ends with SIGKILL.
    """

    provider: Callable[[str | None, bool], Provider] = provider_of
    jitter: Callable[[], float] = random.random
    addresses: AddressRules = field(default_factory=AddressRules.from_environment)
    admit: Hook = allow
    guard: Hook = allow

    def node_services(self, request: SegmentRequest, access: BagAccess) -> NodeServices:
        """What nodes may use; their large lists lie in S3 until a node reads them."""

        def resolve(value: Json) -> Json:
            # Nested in a list, since the hydrator follows a nested pointer only below ``P``.
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
