"""TestState: runs one state alone, with a real function or a mock, and returns its inner data."""
