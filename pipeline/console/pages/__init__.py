"""The pages of the console, one function each."""
