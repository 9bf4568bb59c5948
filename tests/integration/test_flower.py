"""Flower, started as the Makefile does, shows each function's calls under the function's name."""

import json
import socket
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.machines import call, each, only, side_by_side
from tests.platforms import Platform


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _flower_tasks(api: str) -> dict[str, dict[str, Any]]:
    try:
        answer = httpx.get(f"{api}/tasks", timeout=5)
    except httpx.TransportError:  # it has not opened its port yet
        return {}
    tasks: dict[str, dict[str, Any]] = json.loads(answer.raise_for_status().text)
    return tasks


@pytest.mark.parametrize("running_platform", ["server"], indirect=True)
def test_flower_lists_the_calls_of_each_function_under_its_name(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert platform.processes is not None
    monkeypatch.setenv("FLOWER_UNAUTHENTICATED_API", "true")
    port = _free_port()
    platform.processes.start_flower(port)
    api = f"http://127.0.0.1:{port}/api"
    # It shows what happens while it watches: the first sweep in its list says that it does.
    platform.until(lambda: _flower_tasks(api), what=lambda: "Flower to watch")

    doubled = only(each(only(call("double"))), "Doubled")
    ended = platform.run(only(side_by_side(doubled, only(call("echo")))), [1, 2, 3])
    assert ended.output == [[2, 4, 6], [1, 2, 3]]

    def calls() -> Counter[tuple[str, str]]:
        tasks = _flower_tasks(api).values()
        return Counter((task["name"], task["state"]) for task in tasks)

    platform.until(
        lambda: calls()["echo", "SUCCESS"] == 1 and calls()["double", "SUCCESS"] >= 1,
        what=lambda: f"the calls in {calls()}",
    )
    assert not {state for name, state in calls() if name in {"echo", "double"}} - {"SUCCESS"}
