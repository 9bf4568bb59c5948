"""Intrinsic functions for text: formatting, splitting, encoding, hashing."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from pipeline.language.json_value import Json, dumps
from pipeline.language.query.intrinsics.arguments import (
    MAX_CHARACTERS,
    InvalidArgument,
    short_string,
    string,
)

_PLACEHOLDER_OR_ESCAPE = re.compile(r"\{\}|\\([\\{}'])")

_ALGORITHMS: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "SHA-1": lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
        "SHA-384": lambda data: hashlib.sha384(data).hexdigest(),
        "SHA-512": lambda data: hashlib.sha512(data).hexdigest(),
    }
)


def interpolate(template: Json, *values: Json) -> Json:
    r"""States.Format: the template with each ``{}`` replaced by the next value.

    Args:
        template: With its escapes, which distinguish ``\{}`` from ``{}``.
        values: One for each ``{}``. Objects and arrays become text like Java's maps and lists:
            ``{a=1, b=[x, y]}``.
    """
    text = string(template, "first")
    placeholders = sum(match[0] == "{}" for match in _PLACEHOLDER_OR_ESCAPE.finditer(text))
    if placeholders != len(values):
        raise InvalidArgument(
            f"The number of arguments ({len(values)}) does not match the occurrences of {{}}"
            f" in the template ({placeholders})"
        )
    texts = map(_java_text, values)
    return _PLACEHOLDER_OR_ESCAPE.sub(lambda match: match[1] or next(texts), text)


def _java_text(value: Json) -> str:
    match value:
        case str():
            return value
        case dict():
            return "{" + ", ".join(f"{key}={_java_text(of)}" for key, of in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_java_text, value)) + "]"
    return dumps(value)


def split(text: Json, delimiters: Json) -> Json:
    """States.StringSplit: the non-empty parts between the delimiter characters."""
    whole, characters = string(text, "first"), string(delimiters, "second")
    if not characters:
        return [whole]
    return [part for part in re.split(f"[{re.escape(characters)}]", whole) if part]


def base64_encode(text: Json) -> Json:
    """States.Base64Encode: Base64 of the UTF-8 text."""
    return base64.b64encode(_utf8(short_string(text, "first"))).decode()


def base64_decode(text: Json) -> Json:
    """States.Base64Decode: the encoded UTF-8 text."""
    encoded = short_string(text, "first")
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidArgument("The argument is not Base64 of a UTF-8 text") from None


def digest(data: Json, algorithm: Json) -> Json:
    """States.Hash: hexadecimal digest of a text, or of the JSON text of any other value."""
    text = data if isinstance(data, str) else dumps(data)
    if len(text) > MAX_CHARACTERS:
        raise InvalidArgument(
            f"The first argument must not be longer than {MAX_CHARACTERS} characters"
        )
    name = string(algorithm, "second")
    if name not in _ALGORITHMS:
        raise InvalidArgument(
            f"'{name}' is not a supported algorithm; use one of {', '.join(_ALGORITHMS)}"
        )
    return _ALGORITHMS[name](_utf8(text))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which JSON text may hold
        raise InvalidArgument("The first argument has no UTF-8 form") from None
