"""The interpreter, pure: frame and event become the next frame, an outcome and events."""
