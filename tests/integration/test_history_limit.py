"""The limit of 25,000 events holds for a whole history, whatever its frames did in between."""

from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.executions.history import history_page
from pipeline.interpreter.interpreter import MAX_EVENTS
from pipeline.ledger.history import length_of
from tests.machines import call, each, side_by_side
from tests.platforms import Platform, embedded_platform

CAUSE = "The execution reached the maximum number of history events (25000)."


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with embedded_platform(tmp_path_factory.mktemp("limit"), sweep_interval_seconds=0.25) as made:
        yield made


def counting(name: str, limit: int, following: str) -> dict[str, dict[str, Any]]:
    """Two states that go round until the input is as large as the limit: four events a round."""
    add = {"QueryLanguage": "JSONata", "Output": "{% $states.input + 1 %}"}
    rule = {"Variable": "$", "NumericLessThan": limit, "Next": name}
    return {
        name: {"Type": "Pass", **add, "Next": f"{name}?"},
        f"{name}?": {"Type": "Choice", "Choices": [rule], "Default": following},
    }


def ends_at_the_limit(platform: Platform, machine: dict[str, Any]) -> None:
    execution = platform.start(machine, 0)
    ended = platform.wait(execution, seconds=60)
    assert (ended.status, ended.error, ended.cause) == ("FAILED", "States.Runtime", CAUSE)
    with platform.engine.database.reading() as connection:
        assert length_of(connection, execution.id) == MAX_EVENTS
    (last,) = history_page(platform.engine, execution.id, limit=1, reverse=True)
    assert last["type"] == "ExecutionFailed"


def test_events_on_both_sides_of_a_function_count(platform: Platform) -> None:
    states = {
        **counting("First", 3_000, "Call"),
        "Call": call("echo", Next="Second"),
        **counting("Second", 10_000, "End"),
        "End": {"Type": "Succeed"},
    }
    ends_at_the_limit(platform, {"StartAt": "First", "States": states})


def test_events_of_a_branch_count_with_those_before_it(platform: Platform) -> None:
    inner = {
        "StartAt": "Second",
        "States": {**counting("Second", 10_000, "In"), "In": {"Type": "Succeed"}},
    }
    states = {
        **counting("First", 3_000, "Fan"),
        "Fan": side_by_side(inner, Catch=[{"ErrorEquals": ["States.Runtime"], "Next": "First"}]),
    }
    ends_at_the_limit(platform, {"StartAt": "First", "States": states})


def test_events_of_iterations_count_with_those_after_them(platform: Platform) -> None:
    inner = {
        "StartAt": "First",
        "States": {**counting("First", 1_000, "In"), "In": {"Type": "Succeed"}},
    }
    spread = each(inner)
    spread.pop("End")
    states = {
        "Items": {"Type": "Pass", "Result": [0, 0, 0], "Next": "Map"},
        "Map": {**spread, "Next": "Back"},
        "Back": {"Type": "Pass", "Result": 0, "Next": "Second"},
        **counting("Second", 10_000, "End"),
        "End": {"Type": "Succeed"},
    }
    ends_at_the_limit(platform, {"StartAt": "Items", "States": states})
