"""Fields of the bag that functions treat alike (Contract 2.1, 2.2)."""

COPIED_BY_STANDARD = (
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
"""What the legacy standard machine (A) copies out of an action's result: the contract's SD-25."""

_NOT_COPIED_BY_DISTRIBUTED = frozenset(
    {"light_config", "workflow_config_s3_path", "distributed_strategy"}
)

COPIED_BY_DISTRIBUTED = (
    *(field for field in COPIED_BY_STANDARD if field not in _NOT_COPIED_BY_DISTRIBUTED),
    "workflow_config",
    "current_state",
)
"""What the legacy distributed machine (B) copies out of an action's result: SD-24."""

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
