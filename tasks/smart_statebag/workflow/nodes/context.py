"""What nodes use besides their configuration and the state."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from tasks.smart_statebag.bag.clock import Clock, SystemClock
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.history_entries import Journal, Position
from tasks.smart_statebag.workflow.llm import Provider, provider_named
from tasks.smart_statebag.workflow.nodes.addresses import AddressRules
from tasks.smart_statebag.workflow.state_view import Resolve, StateView, unresolved


def keep_inline(node_id: str, value: Json) -> Json:
    """The offloader of a run without storage."""
    return value


Offload: TypeAlias = Callable[[str, Json], Json]
RunInside: TypeAlias = "Callable[[JsonObject, JsonObject, NodeContext], JsonObject]"
"""Runs a node or a graph within a node: what it is, the state, the context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeServices:
    """Models, time, storage and network for nodes; the defaults need no storage.

    ``offload`` takes a node id and a value and may give a reference in the value's place;
    ``resolve`` is its inverse. ``jitter`` gives seconds from 0 to 1.
    """

    mock: bool = False
    provider: Callable[[str | None, bool], Provider] = lambda name, mock: provider_named(
        name, mock=mock
    )
    clock: Clock = field(default_factory=SystemClock)
    jitter: Callable[[], float] = random.random
    resolve: Resolve = unresolved
    offload: Offload = keep_inline
    addresses: AddressRules = field(default_factory=AddressRules.from_environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeContext:
    """One run of nodes: its services, its journal and the subgraphs it may refer to.

    ``run_node`` gives what a node writes, ``run_graph`` the final state of a whole graph.
    """

    services: NodeServices
    journal: Journal
    run_node: RunInside
    run_graph: RunInside
    subgraphs: JsonObject = field(default_factory=dict)
    subgraph_depth: int = 0

    @property
    def position(self) -> Position:
        return self.journal.position

    def view(self, state: JsonObject) -> StateView:
        """A state as templates and expressions see it."""
        return StateView(state=state, resolve=self.services.resolve)

    def deeper(self) -> "NodeContext":
        """The context inside a subgraph."""
        return replace(self, subgraph_depth=self.subgraph_depth + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOutcome:
    """What a node writes into the state, and further fields of its history entry."""

    writes: JsonObject = field(default_factory=dict)
    entry: JsonObject = field(default_factory=dict)
