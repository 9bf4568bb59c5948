"""Values of an execution as pages show them: short ones at once, others on demand."""

import json
from dataclasses import dataclass
from typing import Any

from pipeline.engine.engine import Engine
from pipeline.language.json_value import dumps

_MAX_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A payload that lies in the object store, in place of its value."""

    uri: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A value on a page.

    Attributes:
        text: As indented JSON; cut if it is long.
        is_cut: Whether it was.
        apart: Where it lies, if the page has not read it.
        pointers: The places in it that point to objects in S3.
    """

    text: str = ""
    is_cut: bool = False
    apart: Apart | None = None
    pointers: tuple[str, ...] = ()


def unpack_inline(engine: Engine, packed: bytes) -> Any:
    """A packed value, or ``Apart`` if it lies in the object store."""
    pointer = engine.payloads.pointer_of(packed)
    if pointer is None:
        return engine.payloads.unpack(packed)
    return Apart(uri=engine.payloads.store.uri(pointer.key), size=pointer.size)


def shown(value: Any, *, limit: int = _MAX_CHARACTERS) -> Shown:
    """A value, or ``Apart``, for a page.

    Args:
        value: JSON.
        limit: Characters after which its text is cut.
    """
    if isinstance(value, Apart):
        return Shown(apart=value)
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return Shown(
        text=text[:limit], is_cut=len(text) > limit, pointers=tuple(dict.fromkeys(_pointers(value)))
    )


def shown_packed(engine: Engine, packed: bytes | None) -> Shown | None:
    """A packed value for a page; None if there is none."""
    return None if packed is None else shown(unpack_inline(engine, packed))


def size_of(value: Any) -> int:
    """The bytes of a value's JSON text."""
    return len(dumps(value).encode())


def _pointers(value: Any) -> list[str]:
    match value:
        case str() if value.startswith("s3://"):
            return [value]
        case dict():
            return [pointer for inner in value.values() for pointer in _pointers(inner)]
        case list():
            return [pointer for inner in value for pointer in _pointers(inner)]
    return []
