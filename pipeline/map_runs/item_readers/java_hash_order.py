"""The order in which AWS writes the fields of a row, which is that of a Java HashMap."""

from collections.abc import Sequence

_LEAST_BUCKETS = 16
_MASK = 0xFFFFFFFF


def in_hash_order(names: Sequence[str]) -> list[str]:
    """The distinct names, in the order of the keys of a Java HashMap.

    Names that share a bucket keep their order.
    """
    distinct = dict.fromkeys(names)
    buckets = _LEAST_BUCKETS
    while len(distinct) * 4 > buckets * 3:
        buckets *= 2
    return sorted(distinct, key=lambda name: _spread(name) % buckets)


def _spread(name: str) -> int:
    """Java's hash of a string over UTF-16 units, its high bits folded in as by HashMap."""
    units = name.encode("utf-16-be", errors="surrogatepass")
    code = 0
    for high, low in zip(units[::2], units[1::2], strict=True):
        code = (code * 31 + high * 256 + low) & _MASK
    return code ^ (code >> 16)
