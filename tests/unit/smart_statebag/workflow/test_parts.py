"""The worked example that explains how a graph is divided into parts."""

import doctest

from tasks.smart_statebag.workflow.layout import parts


def test_the_worked_example_of_the_surveyor_gives_what_it_shows() -> None:
    results = doctest.testmod(parts)
    assert results.attempted > 0
    assert results.failed == 0
