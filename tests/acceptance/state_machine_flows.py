"""The tables of Contract 10.5 to 10.9: every state, where it goes, who takes its errors.

A row is ``name type next catches``; ``>`` begins a state inside the Map above it. Event is a Task
that puts events and goes on whatever comes of it. A catch is ``target=result path`` for
``States.ALL`` or ``errors:target=result path``; ``!`` begins a line of further catches. Where the
column is empty, top-level Tasks and Maps have the default Catch of their file and states inside a
Map have none.
"""

A = """
CheckForInjectedConfig             Choice
CheckForExistingExecution          Task    HandleExistingExecution
!    HandleIdempotencyFailure=$.idempotency_error
HandleIdempotencyFailure           Choice
FailIdempotencyUnavailable         Fail
HandleExistingExecution            Choice
FailDuplicateExecution             Fail
SucceedDuplicateExecution          Succeed
InitializeStateData                Task    CheckLargeWorkflow        HandleInitFailure=$.init_error
HandleInitFailure                  Event   InitializationFailed
InitializationFailed               Fail
NotifyWorkflowStarted              Event   SelectDistributedStrategy
CheckLoopLimit                     Choice
LoopLimitExceeded                  Fail
PublishSucceededEvent              Event   PrepareSuccessOutput
PrepareSuccessOutput               Pass    NotifyExecutionSuccess
NotifyExecutionSuccess             Event   WorkflowSucceeded
WorkflowSucceeded                  Succeed
NotifyExecutionFailure             Event   WorkflowFailed
WorkflowFailed                     Fail
CheckLargeWorkflow                 Choice
NotifyLargeWorkflowWarning         Event   NotifyWorkflowStarted
SelectDistributedStrategy          Choice
ExecuteMapReduceMode               Map     AggregateMapReduceResults
>MapReduceSegmentRunner            Task    END
AggregateMapReduceResults          Task    NotifyWorkflowCompleted
ExecuteBatchedMode                 Map     AggregateBatchedResults
>BatchedSegmentRunner              Task    END
AggregateBatchedResults            Task    NotifyWorkflowCompleted
NotifyWorkflowCompleted            Event   PrepareHybridModeOutput
PrepareHybridModeOutput            Pass    WorkflowSucceeded
ExecuteSegment                     Task    CheckSegmentStatus
!    AsyncLLMRequiredException:CheckIfAsyncRequired=$.execution_result.error_info
!    default
CheckSegmentStatus                 Choice
PrepareSequentialBranch            Pass    CheckLoopLimit
ProcessParallelSegments            Map     AggregateParallelResults  HandleMapError=$.map_error
>InitializeBranch                  Pass    ExecuteBranchSegment
>ExecuteBranchSegment              Task    CheckBranchNext
!    HandleBranchError=$.branch_error
>CheckBranchNext                   Choice
>HandleBranchError                 Pass    BranchComplete
>HandleBranchFailedStatus          Pass    BranchComplete
>UpdateBranchSegment               Pass    CheckBranchLoopLimit
>UpdateBranchToSequential          Pass    CheckBranchLoopLimit
>CheckBranchLoopLimit              Choice
>BranchLoopLimitExceeded           Fail
>BranchComplete                    Pass    END
HandleMapError                     Pass    AggregateParallelResultsFromError
AggregateParallelResultsFromError  Task    EnsureExecutionResult
AggregateParallelResults           Task    EnsureExecutionResult
EnsureExecutionResult              Pass    MergeExecutionResult
MergeExecutionResult               Pass    CleanupMergedState
CleanupMergedState                 Pass    UpdateStateData
UpdateStateData                    Task    IsPauseNeeded
!    UpdateStateDataFallback=$.compression_error
UpdateStateDataFallback            Pass    IsPauseNeeded
IsPauseNeeded                      Choice
CheckForNextSegment                Choice
PrepareNextSegment                 Choice
UpdateSegmentToRun                 Pass    CheckLoopLimit
WaitForCallback                    Task    PrepareStateAfterPause
PrepareStateAfterPause             Task    ApplyMergedState
ApplyMergedState                   Pass    ExecuteSegment
CheckIfAsyncRequired               Choice
NotifyAsyncLLMProcessing           Event   HandleAsyncLLM
HandleAsyncLLM                     Task    ProcessAsyncResult
ProcessAsyncResult                 Pass    CheckSegmentStatus
"""

B = """
CheckForInjectedConfig              Choice
CheckForExistingExecution           Task    CheckIfItemExists
!    HandleIdempotencyFailure=$.idempotency_error
HandleIdempotencyFailure            Choice
FailIdempotencyUnavailable          Fail
CheckIfItemExists                   Choice
ExtractExistingExecutionInfo        Pass    HandleExistingExecution
HandleExistingExecution             Choice
FailDuplicateExecution              Fail
SucceedDuplicateExecution           Succeed
InitializeStateData                 Task    CheckDistributedMapRequired
!    HandleInitFailure=$.init_error
HandleInitFailure                   Event   InitializationFailed
InitializationFailed                Fail
NotifyWorkflowStarted               Event   ExecuteSegment
PublishSucceededEvent               Event   PrepareSuccessOutput
PrepareSuccessOutput                Pass    NotifyExecutionSuccess
NotifyExecutionSuccess              Event   WorkflowSucceeded
WorkflowSucceeded                   Succeed
NotifyExecutionFailure              Event   WorkflowFailed
WorkflowFailed                      Fail
CheckDistributedMapRequired         Choice
PrepareDistributedExecution         Task    NotifyDistributedWorkflowStarted
NotifyDistributedWorkflowStarted    Event   ExecuteDistributedSegments
ExecuteDistributedSegments          Map     AggregateDistributedResults
>LoadLatestStatePointer             Task    ProcessSegmentChunk
>ProcessSegmentChunk                Task    SaveLatestStatePointer
>SaveLatestStatePointer             Task    CheckChunkStatus
>CheckChunkStatus                   Choice
>WaitForDistributedCallback         Task    ResumeChunkAfterCallback
>ResumeChunkAfterCallback           Task    SaveResumedStatePointer
>SaveResumedStatePointer            Task    CheckResumedChunkStatus
>CheckResumedChunkStatus            Choice
>ChunkCompleted                     Pass    END
AggregateDistributedResults         Task    CheckAggregationResult
CheckAggregationResult              Choice
PrepareDistributedSuccessOutput     Pass    PublishSucceededEvent
ExecuteSegment                      Task    CheckSegmentStatus
CheckSegmentStatus                  Choice
ProcessParallelSegmentsDistributed  Map     AggregateParallelResults
>ExecuteBranchDistributed           Task    END
AggregateParallelResults            Task    UpdateStateData
UpdateStateData                     Task    CheckForNextSegment
CheckForNextSegment                 Choice
PrepareNextSegment                  Pass    ExecuteSegment
WaitForCallback                     Task    PrepareStateAfterPause
PrepareStateAfterPause              Task    ApplyMergedState
ApplyMergedState                    Pass    ExecuteSegment
"""

C = """
CheckIdempotency             Choice
VerifyIdempotencyKey         Task    EvaluateIdempotency
!    HandleIdempotencyError=$.idempotency_error
HandleIdempotencyError       Choice
FailIdempotencyUnavailable   Fail
EvaluateIdempotency          Choice
FailDuplicateExecution       Fail
SucceedDuplicateExecution    Succeed
InitializeStateBag           Task    NotifyWorkflowStarted     NotifyAndFailInit=$.init_error
NotifyAndFailInit            Event   FailInitialization
FailInitialization           Fail
NotifyWorkflowStarted        Event   SelectExecutionStrategy
CheckLoopLimit               Choice
FailLoopLimitExceeded        Fail
NotifyWorkflowCompleted      Event   PrepareSuccessOutput
PrepareSuccessOutput         Pass    WorkflowSucceeded
WorkflowSucceeded            Succeed
NotifyAndFail                Event   WorkflowFailed
WorkflowFailed               Fail
SelectExecutionStrategy      Choice
ExecuteMapReduceMode         Map     AggregateDistributedResults
>MapReduceRunner             Task    END
ExecuteBatchedMode           Map     AggregateDistributedResults
>BatchedRunner               Task    END
AggregateDistributedResults  Task    EvaluateNextAction
ExecuteSegment               Task    SyncStateData
!    AsyncLLMRequiredException:HandleAsyncLLM=$.async_request
!    default
SyncStateData                Task    EvaluateNextAction
EvaluateNextAction           Choice
ProcessParallelBranches      Map     AggregateParallelResults  HandleMapError=$.map_error
>ExecuteBranchSegment        Task    SyncBranchState
!    HandleBranchError=$.branch_state.error_info
>SyncBranchState             Task    EvaluateBranchNext
!    HandleBranchError=$.branch_state.error_info
>EvaluateBranchNext          Choice
>CheckBranchLoopLimit        Choice
>FailBranchLoopLimit         Fail
>WaitForBranchCallback       Task    SyncBranchState
!    HandleBranchError=$.branch_state.error_info
>HandleBranchError           Pass    END
>BranchComplete              Pass    END
HandleMapError               Pass    AggregateParallelResults
AggregateParallelResults     Task    EvaluateNextAction
WaitForHITPCallback          Task    MergeCallbackResult
MergeCallbackResult          Task    EvaluateNextAction
HandleAsyncLLM               Event   WaitForAsyncLLMCallback
WaitForAsyncLLMCallback      Task    MergeAsyncResult
MergeAsyncResult             Task    EvaluateNextAction
"""

D = """
CheckIdempotency             Choice
VerifyIdempotencyKey         Task    EvaluateIdempotency
!    HandleIdempotencyError=$.idempotency_error
HandleIdempotencyError       Choice
FailIdempotencyUnavailable   Fail
EvaluateIdempotency          Choice
FailDuplicateExecution       Fail
SucceedDuplicateExecution    Succeed
InitializeStateBag           Task    SelectExecutionMode       NotifyAndFailInit=$.init_error
NotifyAndFailInit            Event   FailInitialization
FailInitialization           Fail
NotifyWorkflowStarted        Event   ExecuteSegment
CheckLoopLimit               Choice
FailLoopLimitExceeded        Fail
NotifyWorkflowCompleted      Event   PrepareSuccessOutput
PrepareSuccessOutput         Pass    WorkflowSucceeded
WorkflowSucceeded            Succeed
NotifyAndFail                Event   WorkflowFailed
WorkflowFailed               Fail
SelectExecutionMode          Choice
PrepareDistributedExecution  Task    NotifyDistributedStarted
NotifyDistributedStarted     Event   CreatePreSnapshot
CreatePreSnapshot            Task    ExecuteDistributedChunks
ExecuteDistributedChunks     Map     AggregateDistributedResults
!    HandleDistributedMapError=$.map_error
>ProcessChunkWithHydration   Task    EvaluateChunkResult
!    HandleChunkError=$.chunk_result.delta.error
>EvaluateChunkResult         Choice
>WaitForChunkCallback        Task    ResumeChunkAfterCallback
!    States.Timeout,States.HeartbeatTimeout:HandleChunkTimeout=$.chunk_result.delta.error
!    HandleChunkError=$.chunk_result.delta.error
>ResumeChunkAfterCallback    Task    EvaluateChunkResult
!    HandleChunkError=$.chunk_result.delta.error
>HandleChunkTimeout          Pass    ChunkComplete
>HandleChunkError            Pass    ChunkComplete
>ChunkComplete               Pass    END
HandleDistributedMapError    Pass    AggregateDistributedResults
AggregateDistributedResults  Task    EvaluateDistributedResult
EvaluateDistributedResult    Choice
ExecuteSegment               Task    SyncStateData
SyncStateData                Task    EvaluateNextAction
EvaluateNextAction           Choice
ProcessParallelBranches      Map     AggregateParallelResults  HandleParallelMapError=$.map_error
>ExecuteBranchWithHydration  Task    EvaluateBranchResult
!    HandleBranchError=$.branch_result.delta.error_info
>EvaluateBranchResult        Choice
>WaitForBranchCallback       Task    ResumeBranchAfterCallback
!    HandleBranchError=$.branch_result.delta.error_info
>ResumeBranchAfterCallback   Task    EvaluateBranchResult
!    HandleBranchError=$.branch_result.delta.error_info
>HandleBranchError           Pass    BranchComplete
>BranchComplete              Pass    END
HandleParallelMapError       Pass    AggregateParallelResults
AggregateParallelResults     Task    EvaluateNextAction
WaitForCallback              Task    MergeCallbackResult
MergeCallbackResult          Task    EvaluateNextAction
"""
