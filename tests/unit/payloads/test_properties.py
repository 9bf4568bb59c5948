"""Every JSON value comes back from the codec and from packing exactly as it went in."""

import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language.json_value import Json
from pipeline.payloads.codec import decode, encode
from pipeline.payloads.object_store import ObjectStore
from pipeline.payloads.offload import Payloads
from pipeline.payloads.opening import open_object_store

any_text = st.text(st.characters(exclude_categories=()))
json_values: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | any_text
    | any_text.map(lambda text: (text + ".") * 2000),
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
)


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with tempfile.TemporaryDirectory() as directory:
        yield open_object_store(directory)


@given(value=json_values)
def test_every_value_survives_the_codec(value: Json) -> None:
    # The text form tells 1 from 1.0 and True, and 0.0 from -0.0, which compare as equal.
    assert repr(decode(encode(value))) == repr(value)


@given(value=json_values, threshold=st.integers(min_value=0, max_value=5000))
def test_every_value_survives_packing_at_any_threshold(
    store: ObjectStore, value: Json, threshold: int
) -> None:
    writer = Payloads(store=store, threshold_bytes=threshold)
    reader = Payloads(store=store, threshold_bytes=0)
    packed = writer.pack("execution", value)
    assert repr(reader.unpack(packed)) == repr(value)
    assert repr(writer.unpack(packed)) == repr(value)
