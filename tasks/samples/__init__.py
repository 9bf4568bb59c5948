"""Functions of the sample state machines."""
