"""State documents between chunks, which pass them on as wrappers."""

from hashlib import sha256

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.envelopes import kind_of, pointer_in, wrapper
from tasks.smart_statebag.bag.errors import CorruptEnvelope
from tasks.smart_statebag.bag.json_value import Json, JsonObject, encode
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT
from tasks.smart_statebag.bag.state_documents import write_state
from tasks.smart_statebag.bag.storage import Written


def pointer_of(state: Json, position: JsonObject, access: BagAccess, *, scope: str) -> str | None:
    """The pointer in a wrapper; a state that came inline is written first.

    Returns:
        None if there is no state.
    """
    if state is None:
        return None
    kind = kind_of(state)
    if kind in ("wrapper", "s3_reference") and isinstance(state, dict):
        return pointer_in(kind, state)
    whole = access.hydrator.hydrate(state)
    if not isinstance(whole, dict):
        raise CorruptEnvelope("state", "the state is not an object")
    return write_state(whole, position, access, scope=scope).path


def stored_document(path: Json, access: BagAccess) -> tuple[JsonObject, Written]:
    """A document with the hash and size of its bytes."""
    state = access.hydrator.load_object(path)
    body = encode(state)
    digest = sha256(body).hexdigest()
    return state, Written(path=str(path), sha256=digest, size_bytes=len(body))


def wrapper_of(path: Json, access: BagAccess) -> JsonObject:
    """The wrapper of a document that is stored already."""
    return wrapper(stored_document(path, access)[1])


def inline_or_wrapper(state: JsonObject, written: Written) -> JsonObject:
    """The state itself up to 30 KB, else its wrapper: the form of a legacy machine's result."""
    return state if written.size_bytes <= FIELD_LIMIT else wrapper(written)
