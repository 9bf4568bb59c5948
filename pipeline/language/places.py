"""Places in a definition, as JSON pointers (RFC 6901)."""


def below(place: str, key: str | int) -> str:
    """The place of a field or element of the object or array at ``place``."""
    escaped = str(key).replace("~", "~0").replace("/", "~1")
    return f"{place}/{escaped}"
