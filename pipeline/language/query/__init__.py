"""The JSONPath query language: paths, payload templates and intrinsic functions."""
