"""A share of the messages never arrives; the sweeper publishes them again."""

from collections import Counter
from pathlib import Path

import pytest

from tasks.engine.application import StateBagApp
from tests.functions.publishing_faults import LossyPublishing
from tests.machines import call, distributed, each, only, side_by_side
from tests.platforms import embedded_platform

LONG = 90
"""Seconds: a message that is lost again and again is put off for longer and longer."""


@pytest.mark.parametrize("seed", range(2))
def test_executions_end_right_although_many_messages_are_lost(tmp_path: Path, seed: int) -> None:
    lossy: list[LossyPublishing] = []

    def lose(app: StateBagApp) -> None:
        lossy.append(LossyPublishing(app, 0.15, seed))

    with embedded_platform(
        tmp_path, prepare=lose, redelivery_seconds=0.5, sweep_interval_seconds=0.1
    ) as platform:
        path = platform.path("log")
        logged = call("log", Parameters={"log": str(path), "item.$": "$"})
        flat = platform.start(only(each(only(logged), MaxConcurrency=6)), list(range(60)))
        wait = {"Type": "Wait", "Seconds": 1, "OutputPath": "$.name", "End": True}
        wide = each(distributed(call("double")), ItemsPath="$.items", MaxConcurrency=2)
        inner = side_by_side(only(wide), only(wait))
        rows = [{"name": f"row {row}", "items": list(range(row))} for row in range(4)]
        deep = platform.start(only(each(only(inner))), rows)
        assert platform.wait(flat, LONG).output == list(range(60))
        assert platform.wait(deep, LONG).output == [
            [[2 * item for item in range(row)], f"row {row}"] for row in range(4)
        ]
        assert Counter(path.read_text().split()) == {str(item): 1 for item in range(60)}
        types = Counter(platform.types(flat))
        assert types["MapIterationSucceeded"] == 60
        assert types["MapStateSucceeded"] == 1
    assert {"statebag.lane", "statebag.advance"} & set(lossy[0].lost)
