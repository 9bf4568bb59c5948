"""InitializeStateData's parts: input, configuration, plan, bag (Contract 6.1)."""
