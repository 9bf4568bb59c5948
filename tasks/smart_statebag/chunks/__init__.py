"""Distributed executions: consecutive or independent parts of a partition map (Contract 8)."""
