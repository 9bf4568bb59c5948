"""The plan of an execution: its map, its strategy, its limits (Contract 6.2). Pure."""

from dataclasses import dataclass

from tasks.smart_statebag.bag.failure_policy import policy_of
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.initialization.request import InitRequest
from tasks.smart_statebag.workflow.configuration.normalisation import count_nodes
from tasks.smart_statebag.workflow.manifest import segment_manifest
from tasks.smart_statebag.workflow.partitioning import Entry, check_links, longest_branch, partition
from tasks.smart_statebag.workflow.partitioning.entries import whole
from tasks.smart_statebag.workflow.strategy import (
    SAFE,
    STANDARD,
    Strategy,
    choose_strategy,
    is_distributed,
)

MIN_ITERATIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A normalised configuration with everything derived from it."""

    configuration: JsonObject
    partition_map: list[Entry]
    strategy: Strategy
    distributed_mode: bool
    manifest: list[JsonObject]

    @classmethod
    def of(cls, request: InitRequest, configuration: JsonObject, given_map: Json) -> "Plan":
        """Partition a normalised configuration, unless it came with a map.

        Raises:
            InvalidWorkflowConfig: The given map has a link that leads nowhere.
            CycleDetected, UnsupportedTopology, TooManyBranches: The graph has no map.
        """
        partition_map = partition(configuration) if given_map is None else check_links(given_map)
        strategy = choose_strategy(
            partition_map,
            machine=request.machine,
            configured_concurrency=configuration.get("max_concurrency"),
        )
        mapped = strategy.distributed_strategy != SAFE and request.machine == STANDARD
        asked = request.input.get("distributed_mode")
        return cls(
            configuration=configuration,
            partition_map=partition_map,
            strategy=strategy,
            distributed_mode=is_distributed(asked, len(partition_map)),
            manifest=segment_manifest(partition_map) if mapped else [],
        )

    @property
    def may_inline_map(self) -> bool:
        """Whether the map may be inline: the other strategies read it from S3."""
        return self.strategy.distributed_strategy == SAFE and not self.distributed_mode

    def decisions(self) -> JsonObject:
        """The scalar fields of the bag."""
        segments = len(self.partition_map)
        configured = self.configuration
        return {
            "total_segments": segments,
            "distributed_mode": self.distributed_mode,
            "distributed_strategy": self.strategy.distributed_strategy,
            "max_concurrency": self.strategy.max_concurrency,
            "llm_segments": self.strategy.llm_segments,
            "hitp_segments": self.strategy.hitp_segments,
            "max_loop_iterations": _limit(configured.get("max_loop_iterations"), segments),
            "max_branch_iterations": _limit(
                configured.get("max_branch_iterations"), longest_branch(self.partition_map)
            ),
            "failure_policy": policy_of(configured.get("failure_policy")),
            "merge_policy": configured.get("merge_policy") or "last_wins",
            "node_error_policy": configured.get("node_error_policy") or "fail",
        }

    def light_config(self, workflow_id: str) -> JsonObject:
        """The summary that the bag holds in place of the configuration."""
        decided = self.decisions()
        names = ("distributed_mode", "distributed_strategy", "llm_segments", "hitp_segments")
        return {
            "workflow_id": workflow_id,
            "execution_mode": self.configuration.get("execution_mode"),
            "node_count": count_nodes(self.configuration),
            **{name: decided[name] for name in names},
            "max_concurrency": decided["max_concurrency"],
        }


def _limit(configured: Json, segments: int) -> int:
    limit = whole(configured)
    return max(MIN_ITERATIONS, 2 * segments) if limit is None else limit
