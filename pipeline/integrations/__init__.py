"""The targets of Task states, functions and AWS services; also logs and events."""
