"""Nested executions in server mode, where every part of them may be another process's."""

from collections.abc import Iterator

import pytest

from pipeline.executions.lifecycle import stop_execution
from tests.machines import each, only
from tests.nested import DOUBLER, SLEEPER, created, nested_in, start_state
from tests.platforms import Platform, server_platform
from tests.server_processes import own_services

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, s3_server: str) -> Iterator[Platform]:
    directory = tmp_path_factory.mktemp("nested")
    with (
        own_services(s3_server) as services,
        server_platform(directory, services, sweep_interval_seconds=0.25) as made,
    ):
        yield made


def test_iterations_wait_for_their_own(platform: Platform) -> None:
    state = start_state(created(platform, DOUBLER), OutputPath="$.Output")
    items = list(range(12))
    ended = platform.run(only(each(only(state), MaxConcurrency=3)), items)
    assert ended.output == [2 * item for item in items]


def test_stopping_an_execution_stops_all_below_it(platform: Platform) -> None:
    middle = created(platform, only(each(only(start_state(created(platform, SLEEPER))))))
    outer = platform.start(only(start_state(middle)), [1, 2, 3])
    (child,) = nested_in(platform, outer)
    grandchildren = nested_in(platform, child, 3)
    stop_execution(platform.engine, outer.arn)
    for nested in [child, *grandchildren]:
        assert platform.wait(nested).status == "ABORTED"


def test_a_state_that_times_out_stops_what_it_waits_for(platform: Platform) -> None:
    outer = platform.start(only(start_state(created(platform, SLEEPER), TimeoutSeconds=1)), {})
    (child,) = nested_in(platform, outer)
    assert platform.wait(outer).error == "States.Timeout"
    assert platform.wait(child).status == "ABORTED"
