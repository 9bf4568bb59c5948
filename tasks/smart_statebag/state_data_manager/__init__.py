"""StateDataManager: nine actions on the bag behind one handler (Contract 4)."""

from tasks.smart_statebag.bag.state_bucket import cached_load_from_s3, load_from_s3
from tasks.smart_statebag.state_data_manager.aggregate_branches import aggregate_branches
from tasks.smart_statebag.state_data_manager.aggregate_distributed import (
    aggregate_distributed_results,
)
from tasks.smart_statebag.state_data_manager.create_snapshot import create_snapshot
from tasks.smart_statebag.state_data_manager.decompress import decompress
from tasks.smart_statebag.state_data_manager.deduplication import deduplicate_history_logs
from tasks.smart_statebag.state_data_manager.handler import lambda_handler, lambda_handler_v2
from tasks.smart_statebag.state_data_manager.merge_async import merge_async_result
from tasks.smart_statebag.state_data_manager.merge_callback import merge_callback_result
from tasks.smart_statebag.state_data_manager.sync import sync_state_data
from tasks.smart_statebag.state_data_manager.sync_branch import sync_branch_state
from tasks.smart_statebag.state_data_manager.update_and_compress import (
    update_and_compress_state_data,
)

__all__ = [
    "aggregate_branches",
    "aggregate_distributed_results",
    "cached_load_from_s3",
    "create_snapshot",
    "decompress",
    "deduplicate_history_logs",
    "lambda_handler",
    "lambda_handler_v2",
    "load_from_s3",
    "merge_async_result",
    "merge_callback_result",
    "sync_branch_state",
    "sync_state_data",
    "update_and_compress_state_data",
]
