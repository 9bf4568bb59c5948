"""The field sets of Contract 2.2, 5.1, 5.3 and 8, written out for the tests."""


def fields(text: str) -> frozenset[str]:
    """The names in a text."""
    return frozenset(text.split())


COPIED_BY_STANDARD = fields(
    """light_config workflow_config_s3_path state_s3_path state_history ownerId workflowId
    segment_to_run idempotency_key quota_reservation_id total_segments partition_map
    partition_map_s3_path segment_manifest segment_manifest_s3_path state_durations
    last_update_time start_time max_loop_iterations max_branch_iterations loop_counter
    max_concurrency distributed_mode distributed_strategy llm_segments hitp_segments"""
)
"""SD-25: what A copies out of an action's result."""
COPIED_BY_DISTRIBUTED = (
    COPIED_BY_STANDARD - fields("light_config workflow_config_s3_path distributed_strategy")
) | fields("workflow_config current_state")
"""SD-24: what B copies out of an action's result."""
STANDARD_BAG = COPIED_BY_STANDARD | fields("execution_id MOCK_MODE")
"""LB-A: what every Pass state of A's top level writes."""
DISTRIBUTED_BAG = COPIED_BY_DISTRIBUTED | fields("workflow_config_s3_path execution_id MOCK_MODE")
"""LB-B: what every Pass state of B's top level writes."""
LEGACY_BRANCH = fields(
    """branch_id branch_index partition_map partition_map_s3_path total_segments segment_to_run
    loop_counter logs_s3_path workflow_config_s3_path state_s3_path ownerId workflowId execution_id
    idempotency_key quota_reservation_id max_branch_iterations MOCK_MODE group_loop"""
)
"""BR: the state of a branch of A."""
BRANCH_BAG = fields(
    """ownerId workflowId execution_id idempotency_key quota_reservation_id workflow_config_s3_path
    state_s3_path partition_map_s3_path total_segments max_branch_iterations max_concurrency
    merge_policy node_error_policy MOCK_MODE start_time group_loop"""
)
"""BB: the branch bag of C and D; ``group_loop`` is the parent's ``loop_counter``."""
AFTER_INIT = fields(
    """ownerId workflowId execution_id idempotency_key quota_reservation_id MOCK_MODE input
    light_config workflow_config_s3_path workflow_config state_s3_path current_state
    segment_to_run total_segments join_segment loop_counter max_loop_iterations
    max_branch_iterations partition_map partition_map_s3_path segment_manifest
    segment_manifest_s3_path distributed_mode distributed_strategy max_concurrency
    llm_segments hitp_segments failure_policy merge_policy node_error_policy
    pending_branches branch_summary failed_branches failed_branches_s3_path
    distributed_chunk_summary failed_chunks failed_chunks_s3_path pre_snapshot_s3_path
    post_snapshot_s3_path state_history state_durations last_hitp_response last_error
    start_time last_update_time payload_size_kb"""
)
"""What InitializeStateData writes, so that a path to any of them never fails."""
RS_ES = fields(
    """status segment_type final_state final_state_s3_path next_segment_to_run new_history_logs
    error_info branches inner_partition_map logs_s3_path inner_partition_map_s3_path
    total_segments"""
)
ES_RESULT = RS_ES | fields(
    """join_segment segment_id execution_order branch_id branch_index segments_processed
    paused_segment_id execution_time result_s3_path error_type"""
)
CHUNK_RESULT = fields(
    """chunk_id chunk_index execution_order status processed_segments segments_processed
    failed_segments final_state final_state_s3_path result_s3_path logs_s3_path next_segment
    paused_segment_id execution_time execution_summary chunk_results error error_type"""
)
LEGACY_MAIN = fields(
    """workflow_config_s3_path state_s3_path state_history ownerId workflowId segment_to_run
    idempotency_key quota_reservation_id total_segments partition_map partition_map_s3_path
    max_concurrency state_durations last_update_time start_time execution_id loop_counter
    MOCK_MODE"""
)
STRATEGY_ITEM = fields("segment_config segment_id execution_order dependencies execution_mode")
AGGREGATOR = fields(
    """segment_type parallel_results workflow_config_s3_path state_s3_path ownerId workflowId
    execution_id segment_to_run loop_counter idempotency_key partition_map partition_map_s3_path
    total_segments MOCK_MODE"""
)
NON_RETRYABLE = fields(
    """InvalidInput UnknownAction InvalidWorkflowConfig CycleDetected UnsupportedTopology
    TooManyBranches CorruptEnvelope PointerOutOfScope NotSerialisable PayloadTooLarge
    SegmentOutOfRange ChunkContinuityError DuplicateExecution AggregationFailed
    AsyncLLMRequiredException"""
)
WORDS = fields(
    """CONTINUE COMPLETE COMPLETED PARALLEL_GROUP SEQUENTIAL_BRANCH PAUSED_FOR_HITP PAUSE
    PAUSED_FOR_ASYNC_LLM SKIPPED HALTED SIGKILL FAILED PARTIAL_FAILURE PARTIAL_SUCCESS TIMEOUT
    RUNNING SAFE BATCHED MAP_REDUCE AsyncLLMRequiredException NONSENSE"""
)
"""Every word that a function of ours answers with, and one that none does."""
