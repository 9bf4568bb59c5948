"""EXPRESS executions, which are kept in memory."""
