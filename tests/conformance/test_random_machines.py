"""Random machines end alike on the pure interpreter and on workers that get everything twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.language.errors import ExecutionError
from tasks.engine.application import StateBagApp
from tests.conformance.random_machines import inputs, machines
from tests.functions.foreign_app import register
from tests.functions.publishing_faults import publish_twice
from tests.platforms import Platform, embedded_platform
from tests.pure_engine import run_purely


def _fail(event: Any) -> None:
    raise ExecutionError("NotYet", f"asked with {event}")


FUNCTIONS = {"echo": lambda event: event, "double": lambda event: 2 * event, "fail": _fail}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """An embedded StateBag whose broker doubles whatever is published."""

    def prepare(app: StateBagApp) -> None:
        register(app)
        publish_twice(app)

    with embedded_platform(
        tmp_path_factory.mktemp("random"),
        prepare=prepare,
        sweep_interval_seconds=0.25,
        redelivery_seconds=2,
    ) as platform:
        yield platform


def _check(platform: Platform, machine: dict[str, Any], given_input: Any) -> None:
    purely = run_purely(machine, given_input, FUNCTIONS)
    ended = platform.wait(platform.start(machine, given_input), seconds=90)
    assert ended.status == purely.status
    assert _without_errors(ended.output) == _without_errors(purely.output)


def _without_errors(value: Any) -> Any:
    """A value without what tells of an error.

    Which of several failing branches fails its state first is a matter of time, and the cause of a
    function's error holds a stack trace.
    """
    if isinstance(value, list):
        return [_without_errors(element) for element in value]
    if isinstance(value, dict):
        return {
            name: None if name in ("Error", "Cause") else _without_errors(field)
            for name, field in value.items()
        }
    return value


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(machine=machines(), given_input=inputs)
def test_random_machines_end_alike(
    twice: Platform, machine: dict[str, Any], given_input: Any
) -> None:
    _check(twice, machine, given_input)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(machine=machines(), given_input=inputs)
def test_many_random_machines_end_alike(
    twice: Platform, machine: dict[str, Any], given_input: Any
) -> None:
    _check(twice, machine, given_input)
