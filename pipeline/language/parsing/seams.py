"""Features of AWS that StateBag does not support yet, and rejects by name."""


def unsupported(feature: str) -> str:
    """The sentence about a feature that is not supported yet."""
    return f"StateBag does not support {feature} yet"
