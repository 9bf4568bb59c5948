"""Where each Choice of the four files sends what it reads (Contract 10.5 to 10.9).

Per file and Choice: the path that is read, words -> target, and the target of everything else.
"""

from collections.abc import Mapping

Routes = Mapping[str, tuple[str, Mapping[str, str], str]]

_STATUS = "$.execution_result.status"
_NEXT = "$.next_action"
_STRATEGY = (
    "$.state_data.distributed_strategy",
    {"MAP_REDUCE": "ExecuteMapReduceMode", "BATCHED": "ExecuteBatchedMode"},
    "ExecuteSegment",
)

A: Routes = {
    "SelectDistributedStrategy": _STRATEGY,
    "CheckSegmentStatus": (
        _STATUS,
        {
            "CONTINUE SKIPPED COMPLETE PAUSE PAUSED_FOR_HITP": "UpdateStateData",
            "PARALLEL_GROUP": "ProcessParallelSegments",
            "SEQUENTIAL_BRANCH": "PrepareSequentialBranch",
            "PAUSED_FOR_ASYNC_LLM": "NotifyAsyncLLMProcessing",
            "FAILED HALTED SIGKILL": "NotifyExecutionFailure",
        },
        "NotifyExecutionFailure",
    ),
    "CheckBranchNext": (
        _STATUS,
        {
            "COMPLETE": "BranchComplete",
            "CONTINUE SKIPPED": "UpdateBranchSegment",
            "SEQUENTIAL_BRANCH": "UpdateBranchToSequential",
        },
        "HandleBranchFailedStatus",
    ),
    "IsPauseNeeded": (
        _STATUS,
        {"PAUSE PAUSED_FOR_HITP": "WaitForCallback"},
        "CheckForNextSegment",
    ),
    "CheckForNextSegment": (
        _STATUS,
        {"COMPLETE": "PublishSucceededEvent", "CONTINUE SKIPPED": "PrepareNextSegment"},
        "NotifyExecutionFailure",
    ),
    "CheckIfAsyncRequired": (
        "$.execution_result.error_info.Error",
        {"AsyncLLMRequiredException": "NotifyAsyncLLMProcessing"},
        "NotifyExecutionFailure",
    ),
}

_CHUNK = "$.processing_result.chunk_result.status"

B: Routes = {
    "CheckChunkStatus": (
        _CHUNK,
        {"PAUSED_FOR_HITP": "WaitForDistributedCallback"},
        "ChunkCompleted",
    ),
    "CheckResumedChunkStatus": (
        _CHUNK,
        {"PAUSED_FOR_HITP": "WaitForDistributedCallback"},
        "ChunkCompleted",
    ),
    "CheckAggregationResult": (
        _STATUS,
        {"COMPLETED PARTIAL_SUCCESS": "PrepareDistributedSuccessOutput"},
        "NotifyExecutionFailure",
    ),
    "CheckSegmentStatus": (
        _STATUS,
        {
            "CONTINUE SKIPPED COMPLETE SEQUENTIAL_BRANCH PAUSE PAUSED_FOR_HITP": "UpdateStateData",
            "PARALLEL_GROUP": "ProcessParallelSegmentsDistributed",
            "FAILED HALTED SIGKILL": "NotifyExecutionFailure",
        },
        "NotifyExecutionFailure",
    ),
}

_ACTIONS = {
    "COMPLETE": "NotifyWorkflowCompleted",
    "CONTINUE SEQUENTIAL_BRANCH": "CheckLoopLimit",
    "PARALLEL_GROUP": "ProcessParallelBranches",
}

C: Routes = {
    "SelectExecutionStrategy": _STRATEGY,
    "EvaluateNextAction": (
        _NEXT,
        {
            **_ACTIONS,
            "PAUSED_FOR_HITP PAUSE": "WaitForHITPCallback",
            "PAUSED_FOR_ASYNC_LLM": "HandleAsyncLLM",
            "FAILED HALTED SIGKILL": "NotifyAndFail",
        },
        "NotifyAndFail",
    ),
    "EvaluateBranchNext": (
        _NEXT,
        {
            "COMPLETE": "BranchComplete",
            "CONTINUE": "CheckBranchLoopLimit",
            "PAUSED_FOR_HITP": "WaitForBranchCallback",
        },
        "HandleBranchError",
    ),
}

D: Routes = {
    "EvaluateChunkResult": (
        "$.chunk_result.delta.status",
        {
            "COMPLETED PARTIAL_FAILURE": "ChunkComplete",
            "PAUSED_FOR_HITP": "WaitForChunkCallback",
            "CONTINUE": "ResumeChunkAfterCallback",
        },
        "HandleChunkError",
    ),
    "EvaluateDistributedResult": (
        "$.final_status",
        {"COMPLETE PARTIAL_FAILURE": "NotifyWorkflowCompleted"},
        "NotifyAndFail",
    ),
    "EvaluateNextAction": (
        _NEXT,
        {
            **_ACTIONS,
            "PAUSED_FOR_HITP PAUSE": "WaitForCallback",
            "FAILED HALTED SIGKILL PAUSED_FOR_ASYNC_LLM": "NotifyAndFail",
        },
        "NotifyAndFail",
    ),
    "EvaluateBranchResult": (
        "$.branch_result.delta.status",
        {
            "COMPLETE": "BranchComplete",
            "PAUSED_FOR_HITP": "WaitForBranchCallback",
            "CONTINUE": "ResumeBranchAfterCallback",
        },
        "HandleBranchError",
    ),
}
