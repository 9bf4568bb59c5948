"""Places in a definition, as JSON pointers (RFC 6901)."""

from pipeline.language.json_value import Json


def below(place: str, key: str | int) -> str:
    """The place of a field or element of the object or array at ``place``."""
    escaped = str(key).replace("~", "~0").replace("/", "~1")
    return f"{place}/{escaped}"


def name_of(place: str) -> str:
    """The name of the field at a place."""
    return _unescaped(place.rpartition("/")[2])


def value_at(document: Json, place: str) -> Json:
    """The value at a place, which the document must have."""
    value = document
    for token in place.split("/")[1:]:
        key = _unescaped(token)
        match value:
            case dict():
                value = value[key]
            case list():
                value = value[int(key)]
    return value


def _unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")
