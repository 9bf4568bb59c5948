"""Distributed Maps: items read, stages, results written, buckets."""
