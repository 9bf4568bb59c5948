"""The eighteen intrinsic functions, grouped by what they work on."""
