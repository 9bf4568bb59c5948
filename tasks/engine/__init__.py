"""The tasks of the engine itself."""
