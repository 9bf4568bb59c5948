"""ExecuteSegment's parts: what it is asked, what it loads, runs and answers (Contract 5)."""
