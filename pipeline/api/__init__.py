"""The Step Functions-compatible endpoint."""
