"""The limit on the data of a state, and on an array that is put together."""

from collections.abc import Iterator

import pytest

from pipeline.language.data_limits import MAX_BYTES, array_within_limit, check_size
from pipeline.language.errors import DATA_LIMIT_EXCEEDED, ExecutionError
from pipeline.language.json_value import size_in_bytes

HALF = "x" * (MAX_BYTES // 2 - 4)
"""Two of these make an array of all the bytes that are allowed, less one."""


def test_an_array_of_all_the_bytes_that_are_allowed_is_made() -> None:
    array = array_within_limit(iter([HALF, f"{HALF}x"]), "S")
    assert size_in_bytes(array) == MAX_BYTES
    check_size(array, "S")


def test_one_byte_more_is_refused_and_the_rest_not_asked_for() -> None:
    asked = 0

    def values() -> Iterator[str]:
        nonlocal asked
        for value in (HALF, f"{HALF}xx", "never"):
            asked += 1
            yield value

    with pytest.raises(ExecutionError, match="The state/task 'S' returned") as raised:
        array_within_limit(values(), "S")
    assert (raised.value.error, asked) == (DATA_LIMIT_EXCEEDED, 2)
