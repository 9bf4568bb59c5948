"""What AWS takes and StateBag does not yet: rejected by name, so that nobody is surprised."""


def unsupported(feature: str) -> str:
    """The sentence about a feature that is not supported yet."""
    return f"StateBag does not support {feature} yet"
