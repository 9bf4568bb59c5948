"""The console: pages that show state machines, executions and workers to people."""
