"""Payloads: large values in an object store, pointers to them everywhere else."""
