"""The part of a configuration that decides how it runs: policies, limits, subgraphs."""

from dataclasses import dataclass, field

from tasks.smart_statebag.bag.failure_policy import policy_of
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.partitioning.entries import whole

DEFAULT_ITERATIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The policies of Contract 2.1 and the most segments a branch may run in process."""

    node_error_policy: str = "fail"
    merge_policy: str = "last_wins"
    failure_policy: str = "fail_on_any_failure"
    max_branch_iterations: int | None = None
    subgraphs: JsonObject = field(default_factory=dict)

    @classmethod
    def of(cls, configuration: JsonObject) -> "Rules":
        """The rules of a normalised configuration."""
        subgraphs = configuration.get("subgraphs")
        return cls(
            node_error_policy=str(configuration.get("node_error_policy") or "fail"),
            merge_policy=str(configuration.get("merge_policy") or "last_wins"),
            failure_policy=policy_of(configuration.get("failure_policy")),
            max_branch_iterations=whole(configuration.get("max_branch_iterations")),
            subgraphs=subgraphs if isinstance(subgraphs, dict) else {},
        )

    def branch_limit(self, segments: int) -> int:
        """Segments a branch of some length may run in process: configured, else twice its own."""
        if self.max_branch_iterations is not None:
            return self.max_branch_iterations
        return max(DEFAULT_ITERATIONS, 2 * segments)
