"""Executions as clients see them: started, stopped, described, redriven; and their sweeps."""
