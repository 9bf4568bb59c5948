"""One result of many (Contract 8.3)."""
