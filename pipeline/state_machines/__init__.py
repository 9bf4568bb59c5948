"""State machines: definitions, revisions, versions, aliases, tags."""
