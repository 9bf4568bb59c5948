"""Random JSON values for property tests."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tasks.smart_statebag.bag.json_value import Json, JsonObject

KEYS = st.sampled_from(["a", "b", "c", "d"])


def scalars() -> SearchStrategy[Json]:
    finite = st.floats(allow_nan=False, allow_infinity=False)
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    return st.one_of(st.none(), st.booleans(), st.integers(), finite, text)


def json_values() -> SearchStrategy[Json]:
    return st.recursive(
        scalars(),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=4)
        ),
        max_leaves=12,
    )


def states() -> SearchStrategy[JsonObject]:
    """Small states over few keys, so that two of them often change the same one."""
    small = st.one_of(st.none(), st.booleans(), st.integers(0, 3))
    values = st.recursive(
        small,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)
        ),
        max_leaves=6,
    )
    return st.dictionaries(KEYS, values, max_size=4)
