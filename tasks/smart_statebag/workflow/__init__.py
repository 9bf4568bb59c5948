"""Workflows of the Smart StateBag: configuration, partitioning and node execution; no storage."""
