"""TestState: one state by itself, with a real function or a mock of one, and a look inside."""
