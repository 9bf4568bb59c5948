"""A module that fails while it is imported."""

raise ValueError("no licence")
