"""The fields of the bag and the sets the state machines copy (Contract 2.1, 2.2)."""

SD_25 = (
    "light_config",
    "workflow_config_s3_path",
    "state_s3_path",
    "state_history",
    "ownerId",
    "workflowId",
    "segment_to_run",
    "idempotency_key",
    "quota_reservation_id",
    "total_segments",
    "partition_map",
    "partition_map_s3_path",
    "segment_manifest",
    "segment_manifest_s3_path",
    "state_durations",
    "last_update_time",
    "start_time",
    "max_loop_iterations",
    "max_branch_iterations",
    "loop_counter",
    "max_concurrency",
    "distributed_mode",
    "distributed_strategy",
    "llm_segments",
    "hitp_segments",
)

_NOT_IN_SD_24 = ("light_config", "workflow_config_s3_path", "distributed_strategy")

SD_24 = (
    *(field for field in SD_25 if field not in _NOT_IN_SD_24),
    "workflow_config",
    "current_state",
)

LB_A = (*SD_25, "execution_id", "MOCK_MODE")

LB_B = (*SD_24, "workflow_config_s3_path", "execution_id", "MOCK_MODE")

BR = (
    "branch_id",
    "branch_index",
    "partition_map",
    "partition_map_s3_path",
    "total_segments",
    "segment_to_run",
    "loop_counter",
    "logs_s3_path",
    "workflow_config_s3_path",
    "state_s3_path",
    "ownerId",
    "workflowId",
    "execution_id",
    "idempotency_key",
    "quota_reservation_id",
    "max_branch_iterations",
    "MOCK_MODE",
    "group_loop",
)
"""The bag of a branch of A."""

BB = (
    "ownerId",
    "workflowId",
    "execution_id",
    "idempotency_key",
    "quota_reservation_id",
    "workflow_config_s3_path",
    "state_s3_path",
    "partition_map_s3_path",
    "total_segments",
    "max_branch_iterations",
    "max_concurrency",
    "merge_policy",
    "node_error_policy",
    "MOCK_MODE",
    "start_time",
    "group_loop",
)
"""The branch bag of C and D; ``group_loop`` is the parent's ``loop_counter``."""

INIT_FIELDS = (
    "ownerId",
    "workflowId",
    "execution_id",
    "idempotency_key",
    "quota_reservation_id",
    "MOCK_MODE",
    "input",
    "light_config",
    "workflow_config_s3_path",
    "workflow_config",
    "state_s3_path",
    "current_state",
    "segment_to_run",
    "total_segments",
    "join_segment",
    "loop_counter",
    "max_loop_iterations",
    "max_branch_iterations",
    "partition_map",
    "partition_map_s3_path",
    "segment_manifest",
    "segment_manifest_s3_path",
    "distributed_mode",
    "distributed_strategy",
    "max_concurrency",
    "llm_segments",
    "hitp_segments",
    "failure_policy",
    "merge_policy",
    "node_error_policy",
    "pending_branches",
    "branch_summary",
    "failed_branches",
    "failed_branches_s3_path",
    "distributed_chunk_summary",
    "failed_chunks",
    "failed_chunks_s3_path",
    "pre_snapshot_s3_path",
    "post_snapshot_s3_path",
    "state_history",
    "state_durations",
    "last_hitp_response",
    "last_error",
    "start_time",
    "last_update_time",
    "payload_size_kb",
)
"""What InitializeStateData writes, so that a path to any of them never fails."""

LEGACY_FIELDS = ("compression_applied", "s3_offloaded", "last_optimization")
"""What ``update_and_compress`` adds; absent until then."""

INTERNAL_FIELDS = ("status", "next_action")
"""Words for routing that are never stored in the bag (Contract 2.3)."""

NEVER_OFFLOADED = frozenset(
    {
        "ownerId",
        "workflowId",
        "execution_id",
        "idempotency_key",
        "quota_reservation_id",
        "MOCK_MODE",
        "workflow_config_s3_path",
        "state_s3_path",
        "segment_to_run",
        "total_segments",
        "join_segment",
        "loop_counter",
        "max_loop_iterations",
        "max_branch_iterations",
        "partition_map_s3_path",
        "segment_manifest_s3_path",
        "distributed_mode",
        "distributed_strategy",
        "max_concurrency",
        "llm_segments",
        "hitp_segments",
        "failure_policy",
        "merge_policy",
        "node_error_policy",
        "failed_branches_s3_path",
        "failed_chunks_s3_path",
        "pre_snapshot_s3_path",
        "post_snapshot_s3_path",
        "last_error",
        "start_time",
        "last_update_time",
        "payload_size_kb",
        # The lists that Maps read are slimmed, the history is archived, both elsewhere.
        "pending_branches",
        "segment_manifest",
        "state_history",
        # The fields a branch state has beside those of a bag.
        "branch_id",
        "branch_index",
        "execution_order",
        "logs_s3_path",
        "status",
        "error_info",
        "state_data",
    }
)
