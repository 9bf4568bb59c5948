"""The query languages: paths, payload templates and intrinsic functions, and JSONata."""
