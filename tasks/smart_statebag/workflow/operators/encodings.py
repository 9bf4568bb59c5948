"""Strategies that encode, decode and hash."""

import base64
import binascii
import hashlib
import urllib.parse
import uuid as uuid_module

from tasks.smart_statebag.bag.json_value import Json, encode_canonical
from tasks.smart_statebag.workflow.operators.call import Strategy, StrategyCall, StrategyError

_ALGORITHMS = ("sha256", "sha512", "sha1", "md5")


def base64_encode(call: StrategyCall) -> Json:
    """The text's UTF-8 bytes in base64."""
    return base64.b64encode(call.text().encode()).decode()


def base64_decode(call: StrategyCall) -> Json:
    """The text whose UTF-8 bytes the input encodes."""
    try:
        return base64.b64decode(call.text(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise StrategyError(f"the input is not base64 of text: {error}") from error


def url_encode(call: StrategyCall) -> Json:
    """The text percent-encoded."""
    return urllib.parse.quote(call.text(), safe="")


def url_decode(call: StrategyCall) -> Json:
    """The text without its percent-encoding."""
    return urllib.parse.unquote(call.text())


def hash_(call: StrategyCall) -> Json:
    """Hex digest of the text, or of the canonical JSON of another value, by ``algorithm``."""
    algorithm = call.text_param("algorithm", "sha256")
    if algorithm not in _ALGORITHMS:
        raise StrategyError(f"the algorithm is none of {', '.join(_ALGORITHMS)}")
    value = call.value
    subject = value.encode() if isinstance(value, str) else encode_canonical(value)
    return hashlib.new(algorithm, subject, usedforsecurity=False).hexdigest()


def uuid(call: StrategyCall) -> Json:
    """A UUID derived from the execution and the node, so that a repeated call gives the same."""
    return str(uuid_module.uuid5(uuid_module.NAMESPACE_OID, call.seed))


ENCODINGS: dict[str, Strategy] = {
    "base64_encode": base64_encode,
    "base64_decode": base64_decode,
    "url_encode": url_encode,
    "url_decode": url_decode,
    "hash": hash_,
    "uuid": uuid,
}
