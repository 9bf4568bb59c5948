"""Distributed Maps: reading items, stages, writing results, buckets."""
