"""The difference of two JSON values."""

import pytest

from pipeline.console.json_difference import Change, differences
from pipeline.language.json_value import Json


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("/a", Change.CHANGED)]),
        ({"a": 1}, {"b": 1}, [("/b", Change.ADDED), ("/a", Change.REMOVED)]),
        (
            {"a": [1, {"b": None}]},
            {"a": [1, {"b": 0}, 2]},
            [("/a/1/b", "changed"), ("/a/2", "added")],
        ),
        ([1, 2, 3], [1], [("/1", Change.REMOVED), ("/2", Change.REMOVED)]),
        ({"a/b~": 1}, {"a/b~": 2}, [("/a~1b~0", Change.CHANGED)]),
        (1, True, [("", Change.CHANGED)]),
        ({"a": {}}, {"a": []}, [("/a", Change.CHANGED)]),
    ],
)
def test_each_place_that_differs_is_named_by_its_pointer(
    old: Json, new: Json, found: list[tuple[str, str]]
) -> None:
    assert [(each.path, each.change) for each in differences(old, new)] == found
