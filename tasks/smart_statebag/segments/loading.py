"""Loading the state, the configuration, the map and the entry to run (Contract 5.2)."""

from dataclasses import dataclass
from functools import cached_property

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.counters import as_integer
from tasks.smart_statebag.bag.errors import CorruptEnvelope, InvalidInput, SegmentOutOfRange
from tasks.smart_statebag.bag.failure_policy import policy_of
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.segments.request import SegmentRequest, Site
from tasks.smart_statebag.workflow.configuration import normalise
from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.nodes import RUN_NODE
from tasks.smart_statebag.workflow.partitioning import Entry, partition
from tasks.smart_statebag.workflow.partitioning.entries import PARALLEL_GROUP
from tasks.smart_statebag.workflow.rules import Rules


@dataclass(frozen=True, kw_only=True)
class Loader:
    """Loads once what one request needs, and only that."""

    request: SegmentRequest
    access: BagAccess

    def state(self) -> JsonObject:
        """The state: from its pointer, or the inline copy if there is no pointer."""
        path = self.request.get("state_s3_path")
        if path is not None:
            return self.access.hydrator.load_object(path)
        inline = self.access.hydrator.hydrate(self.request.get("current_state"))
        if inline is None:
            return {}
        if not isinstance(inline, dict):
            raise CorruptEnvelope("current_state", "the state is not an object")
        return inline

    @cached_property
    def configuration(self) -> JsonObject:
        """The workflow's configuration, empty if the call has none."""
        inline = self.access.hydrator.hydrate(self.request.get("workflow_config"))
        if isinstance(inline, dict):
            return inline
        path = self.request.get("workflow_config_s3_path")
        return {} if path is None else self.access.hydrator.load_object(path)

    @cached_property
    def partition_map(self) -> list[Entry]:
        """The map in force."""
        holder = self.request.branch or self.request.fields
        inline = self.access.hydrator.hydrate(holder.get("partition_map"))
        if isinstance(inline, list):
            return objects(inline)
        path = holder.get("partition_map_s3_path")
        if path is not None:
            return objects(self.access.hydrator.load_list(path))
        if self.request.site is Site.WHOLE_BRANCH or not self.configuration:
            raise InvalidInput("partition_map")
        return partition(normalise(self.configuration))

    def entry(self) -> Entry:
        """The entry this call runs.

        Raises:
            SegmentOutOfRange: The index lies outside the map.
        """
        given = self.request.get("segment_config")
        if isinstance(given, dict):
            return runnable({"id": as_integer(self.request.segment) or 0, **given})
        return self.entry_at(self.request.segment)

    def entry_at(self, segment: Json) -> Entry:
        """The entry at an index of the map in force."""
        index = as_integer(segment)
        if index is None or not 0 <= index < len(self.partition_map):
            raise SegmentOutOfRange(segment, len(self.partition_map))
        return runnable(self.partition_map[index])

    def total_segments(self) -> int:
        """The length of the map in force; the map is read only if the event omits the length."""
        given = as_integer(self.request.get("total_segments"))
        return len(self.partition_map) if given is None else given

    def rules(self, entries: list[Entry]) -> Rules:
        """The policies in force, and the subgraphs if some node refers to one.

        The v3 bag carries the policies, so the configuration is read only where it must be.
        """
        grouped = any(entry.get("type") == PARALLEL_GROUP for entry in entries)
        mentioned = any(map(_mentions_subgraph, entries)) and bool(self.configuration)
        subgraphs = normalise(self.configuration)["subgraphs"] if mentioned else {}
        return Rules(
            node_error_policy=str(self.policy("node_error_policy") or "fail"),
            merge_policy=str((self.policy("merge_policy") if grouped else None) or "last_wins"),
            failure_policy=policy_of(self.policy("failure_policy") if grouped else None),
            max_branch_iterations=as_integer(self.request.get("max_branch_iterations")),
            subgraphs=subgraphs if isinstance(subgraphs, dict) else {},
        )

    def policy(self, name: str) -> Json:
        """A policy of the bag, else of the configuration."""
        given = self.request.get(name)
        return self.configuration.get(name) if given is None else given


def runnable(entry: Entry) -> Entry:
    """An entry whose nodes are normalised, which those of a map from outside need not be."""
    nodes = objects(entry.get("nodes"))
    if not nodes or all(map(_is_normal, nodes)):
        return entry
    return {**entry, "nodes": normalise({"nodes": list(nodes)})["nodes"]}


def _is_normal(node: JsonObject) -> bool:
    return node.get("type") in RUN_NODE and isinstance(node.get("config"), dict)


def _mentions_subgraph(value: Json) -> bool:
    if isinstance(value, dict):
        return "subgraph_ref" in value or any(map(_mentions_subgraph, value.values()))
    return isinstance(value, list) and any(map(_mentions_subgraph, value))
