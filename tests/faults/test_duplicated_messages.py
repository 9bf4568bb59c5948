"""Every message is published twice; the outcome is the same and nothing is done twice."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tasks.engine.application import StateBagApp
from tests.functions.foreign_app import register
from tests.functions.publishing_faults import publish_twice
from tests.machines import call, call_with_token, distributed, each, only, side_by_side
from tests.platforms import Platform, embedded_platform, server_platform
from tests.server_processes import own_services

SOON: dict[str, Any] = {"sweep_interval_seconds": 0.25, "redelivery_seconds": 2}
"""Settings with which the sweeper finds a chord that lost count of its lanes."""


def _prepare(app: StateBagApp) -> None:
    register(app)
    publish_twice(app)


LONG = 90
"""Seconds: a chord that lost count is put off for longer and longer."""


@pytest.fixture(scope="module", params=["embedded", "server"])
def twice(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, s3_server: str
) -> Iterator[Platform]:
    """StateBag with a broker that doubles whatever is published."""
    directory = tmp_path_factory.mktemp(f"twice-{request.param}")
    if request.param == "embedded":
        with embedded_platform(directory, prepare=_prepare, **SOON) as made:
            yield made
        return
    with (
        own_services(s3_server) as services,
        server_platform(
            directory,
            services,
            application="tests.functions.duplicating_app",
            **SOON,
        ) as made,
    ):
        publish_twice(made.app)
        yield made


def test_a_map_calls_each_function_once_and_joins_once(twice: Platform) -> None:
    path = twice.path("log")
    logged = call("log", Parameters={"log": str(path), "item.$": "$"})
    execution = twice.start(only(each(only(logged), MaxConcurrency=8)), list(range(200)))
    assert twice.wait(execution, LONG).output == list(range(200))
    calls = Counter(path.read_text().split())
    assert calls == {str(item): 1 for item in range(200)}
    types = Counter(twice.types(execution))
    assert types["MapStateSucceeded"] == types["ExecutionSucceeded"] == 1
    assert types["LambdaFunctionSucceeded"] == types["MapIterationSucceeded"] == 200


def test_nested_fan_outs_waits_and_retries_end_as_without_duplicates(twice: Platform) -> None:
    path = twice.path("log")
    retry = [{"ErrorEquals": ["NotYet"], "IntervalSeconds": 1}]
    again = call("fail-first", Retry=retry, Parameters={"log": str(path), "attempts": 2})
    wide = each(distributed(call("double")), ItemsPath="$.items", MaxConcurrency=3)
    wait = {"Type": "Wait", "Seconds": 1, "OutputPath": "$.name", "End": True}
    inner = side_by_side(only(wide), only(wait))
    machine = only(side_by_side(only(each(only(inner), ItemsPath="$.rows")), only(again)))
    rows = [{"name": f"row {row}", "items": list(range(row))} for row in range(5)]
    execution = twice.start(machine, {"rows": rows})
    expected = [[[2 * item for item in range(row)], f"row {row}"] for row in range(5)]
    assert twice.wait(execution, LONG).output == [expected, 2]
    assert path.read_text().split() == ["called", "called"]
    types = Counter(twice.types(execution))
    assert types["ParallelStateSucceeded"] == 1 + len(rows)
    assert types["MapStateSucceeded"] == 1 + len(rows)


def test_a_callback_is_asked_for_once(twice: Platform) -> None:
    asks, path = twice.path("asks"), twice.path("log")
    asking = call_with_token("ask-and-stay", {"asks": str(asks), "gate": "/", "log": str(path)})
    execution = twice.start(only(each(only(asking))), [1])
    twice.send_task_success(twice.read(asks), "heard")
    assert twice.wait(execution, LONG).output == ["heard"]
    twice.until(lambda: path.read_text().split() == ["begun", "ended"])
