"""The bag and what it points to: envelopes, storage, history, folding (Contract 2 to 4)."""
