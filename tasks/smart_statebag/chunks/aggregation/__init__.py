"""Aggregating the results of many items into one (Contract 8.3)."""
