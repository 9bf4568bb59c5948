"""The interpreter: frame and event to frame, outcome and history events; pure."""
