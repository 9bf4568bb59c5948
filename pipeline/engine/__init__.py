"""The connections, caches, messages and claims of one process."""
