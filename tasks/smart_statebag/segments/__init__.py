"""ExecuteSegment's parts: request, loading, running, response (Contract 5)."""
