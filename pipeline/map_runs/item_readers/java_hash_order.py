"""The order in which AWS writes the fields of a row: that of a Java HashMap."""

from collections.abc import Sequence

_LEAST_BUCKETS = 16
_MASK = 0xFFFFFFFF


def in_hash_order(names: Sequence[str]) -> list[str]:
    """The different names, in the order in which Java's HashMap yields them as keys.

    Names that share a bucket keep their order.
    """
    distinct = dict.fromkeys(names)
    buckets = _LEAST_BUCKETS
    while len(distinct) * 4 > buckets * 3:
        buckets *= 2
    return sorted(distinct, key=lambda name: _spread(name) % buckets)


def _spread(name: str) -> int:
    """The hash of a string as a HashMap uses it: of its UTF-16 units, high bits folded in."""
    units = name.encode("utf-16-be", errors="surrogatepass")
    code = 0
    for high, low in zip(units[::2], units[1::2], strict=True):
        code = (code * 31 + high * 256 + low) & _MASK
    return code ^ (code >> 16)
