"""Buckets that state machines name: where ItemReader reads and ResultWriter writes."""
