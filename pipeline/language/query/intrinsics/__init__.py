"""The eighteen intrinsic functions, grouped by the type of their arguments."""
