"""JSONata's string functions, where the library's differ from the reference or have no bounds.

An undefined argument is None.
"""

import base64
import binascii
import math
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from jsonata.functions import Functions
from jsonata.parser import Parser
from jsonata.utils import Utils

from pipeline.language.query.jsonata_bounds import MAX_VALUES
from pipeline.language.query.jsonata_failure import SEQUENCE_TOO_LONG, failure
from pipeline.language.query.jsonata_text import json_text

_RESERVED = re.compile("%(3B|2F|3F|3A|40|26|3D|2B|24|2C|23)", re.IGNORECASE)
_MALFORMED = re.compile("%(?![0-9A-Fa-f]{2})")


def string(value: Any, prettify: bool | None = None) -> str | None:
    """``$string``."""
    if isinstance(value, Utils.JList) and value.outer_wrapper:
        value = value[0]
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Parser.Symbol) or Utils.is_function(value) or Functions.is_regex(value):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        raise failure("D3001")
    return _joined(json_text(value, pretty=bool(prettify)))


def _joined(parts: Iterable[str]) -> str:
    kept: list[str] = []
    length = 0
    for part in parts:
        length += len(part)
        if length > MAX_VALUES:
            raise failure(SEQUENCE_TOO_LONG, MAX_VALUES)
        kept.append(part)
    return "".join(kept)


def lowercase(text: str | None) -> str | None:
    """``$lowercase``."""
    return None if text is None else text.lower()


def pad(text: str | None, width: float | None, character: str | None) -> str | None:
    """``$pad``."""
    if width is not None and abs(width) > MAX_VALUES:
        raise failure(SEQUENCE_TOO_LONG, MAX_VALUES)
    return Functions.pad(text, width, character)  # type: ignore[no-any-return]


def join(texts: list[str] | None, separator: str | None) -> str | None:
    """``$join``."""
    if texts is None:
        return None
    between = separator or ""
    if sum(map(len, texts)) + len(texts) * len(between) > MAX_VALUES:
        raise failure(SEQUENCE_TOO_LONG, MAX_VALUES)
    return between.join(texts)


def base64_decode(text: str | None) -> str | None:
    """``$base64decode``; accepts a text without padding."""
    if text is None:
        return None
    try:
        return base64.b64decode(text + "===").decode("utf-8", errors="replace")
    except (binascii.Error, ValueError) as error:
        raise failure(
            "D3137", f"Malformed base64 text passed to $base64decode(): {text}"
        ) from error


def decode_url(text: str | None) -> str | None:
    """``$decodeUrl``; characters with a meaning in URLs stay encoded."""
    return None if text is None else _decoded("decodeUrl", text, _RESERVED.sub(r"%25\1", text))


def decode_url_component(text: str | None) -> str | None:
    """``$decodeUrlComponent``."""
    return None if text is None else _decoded("decodeUrlComponent", text, text)


def _decoded(function: str, text: str, escaped: str) -> str:
    try:
        if _MALFORMED.search(text):
            raise ValueError(text)
        return unquote_to_bytes(escaped).decode()
    except ValueError as error:
        raise failure("D3140", function, text) from error
