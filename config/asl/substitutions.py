"""The value of each placeholder in the state machine files (Contract 10.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

FUNCTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "InitializeStateDataArn": "InitializeStateData",
        "StateDataManagerArn": "StateDataManager",
        "ExecuteSegmentArn": "ExecuteSegment",
        "SegmentRunnerArn": "ExecuteSegment",
        "ExecuteBranchArn": "ExecuteSegment",
        "StoreTaskTokenArn": "StoreTaskToken",
        "StoreDistributedTaskTokenArn": "StoreDistributedTaskToken",
        "MergeCallbackArn": "MergeCallback",
        "AsyncLLMHandlerArn": "AsyncLLMHandler",
        "PrepareDistributedExecutionArn": "PrepareDistributedExecution",
        "ProcessSegmentChunkArn": "ProcessSegmentChunk",
        "ResumeChunkProcessingArn": "ResumeChunkProcessing",
        "LoadLatestStateArn": "LoadLatestState",
        "SaveLatestStateArn": "SaveLatestState",
        "AggregateResultsArn": "AggregateDistributedResults",
        "AggregateDistributedResultsArn": "AggregateDistributedResults",
    }
)
"""Placeholder -> function: its name in ``functions.toml``, its logical id in the SAM template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDeployment:
    """Where the state machines run on premises.

    Attributes:
        region: Region in ARNs.
        account_id: Account in ARNs, twelve digits.
        state_bucket: Bucket with the state of executions, as ``STATE_STORAGE_BUCKET`` names it.
        idempotency_table: Table as ``IDEMPOTENCY_TABLE`` names it.
        event_bus: Name of the event bus.
    """

    region: str
    account_id: str
    state_bucket: str
    idempotency_table: str = "workflow-idempotency"
    event_bus: str = "workflow-events"

    def substitutions(self) -> dict[str, str]:
        """The text that takes the place of each placeholder."""
        functions = {name: self._function_arn(function) for name, function in FUNCTIONS.items()}
        bus = f"arn:aws:events:{self.region}:{self.account_id}:event-bus/{self.event_bus}"
        return {
            **functions,
            "IdempotencyTable": self.idempotency_table,
            "WorkflowEventBusArn": bus,
            "WorkflowStateBucket": self.state_bucket,
        }

    def _function_arn(self, function: str) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account_id}:function:{function}"


AWS: Final[Mapping[str, Mapping[str, object]]] = MappingProxyType(
    {
        **{name: {"Fn::GetAtt": [function, "Arn"]} for name, function in FUNCTIONS.items()},
        "IdempotencyTable": {"Ref": "IdempotencyTable"},
        "WorkflowEventBusArn": {"Fn::GetAtt": ["WorkflowEventBus", "Arn"]},
        "WorkflowStateBucket": {"Ref": "StateBucket"},
    }
)
"""The ``DefinitionSubstitutions`` of both state machines in the SAM template."""
