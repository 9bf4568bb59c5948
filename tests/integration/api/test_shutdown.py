"""The endpoint under load and at its end: who is served, who is told to come again, who waits."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipeline.api.application import create_application
from pipeline.api.call import Call
from pipeline.api.server import ServerFailed, serving
from tests.integration.api.endpoints import endpoint, post

PATIENCE = 20
ARN = {"activityArn": "arn:aws:states:us-east-1:000000000000:activity:a"}


class Gate:
    """Actions that begin, and end when they are let."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.opened = threading.Event()
        self.ended_early = threading.Event()

    def hold(self, call: Call) -> dict[str, Any]:
        self.entered.release()
        assert self.opened.wait(PATIENCE)
        return {}

    async def poll(self, call: Call) -> dict[str, Any]:
        self.entered.release()
        await asyncio.wait_for(call.ending.wait(), PATIENCE)
        self.ended_early.set()
        return {}

    @property
    def actions(self) -> dict[str, Any]:
        return {"DeleteActivity": self.hold, "GetActivityTask": self.poll}

    def await_entered(self) -> None:
        assert self.entered.acquire(timeout=PATIENCE)


def test_a_request_in_progress_is_answered_before_the_server_ends(tmp_path: Path) -> None:
    gate = Gate()
    with ThreadPoolExecutor(1) as client:
        with endpoint(tmp_path, gate.actions) as api:
            answer = client.submit(post, api, "DeleteActivity", ARN)
            gate.await_entered()
            threading.Timer(0.3, gate.opened.set).start()
        assert answer.result().status_code == 200
        with pytest.raises(httpx.ConnectError):
            post(api, "DeleteActivity", ARN)


def test_a_long_poll_ends_with_the_server(tmp_path: Path) -> None:
    gate = Gate()
    with ThreadPoolExecutor(1) as client:
        with endpoint(tmp_path, gate.actions) as api:
            answer = client.submit(post, api, "GetActivityTask", ARN)
            gate.await_entered()
        assert answer.result().json() == {}


def test_a_long_poll_ends_when_its_client_goes(tmp_path: Path) -> None:
    gate = Gate()
    with endpoint(tmp_path, gate.actions) as api:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                api.url,
                json=ARN,
                headers={
                    "X-Amz-Target": "AWSStepFunctions.GetActivityTask",
                    "Content-Type": "application/x-amz-json-1.0",
                },
                timeout=httpx.Timeout(PATIENCE, read=0.3),
            )
        assert gate.ended_early.wait(PATIENCE)


def test_requests_beyond_the_limit_are_throttled_and_the_others_served(tmp_path: Path) -> None:
    gate = Gate()
    with (
        endpoint(tmp_path, gate.actions, api_request_limit=2, api_threads=2) as api,
        ThreadPoolExecutor(2) as clients,
    ):
        held = [clients.submit(post, api, "DeleteActivity", ARN) for _ in range(2)]
        gate.await_entered()
        gate.await_entered()
        assert httpx.get(f"{api.url}/health", timeout=PATIENCE).status_code == 200
        refused = post(api, "DeleteActivity", ARN)
        assert refused.status_code == 400
        assert refused.json() == {"__type": "ThrottlingException", "message": "Rate exceeded"}
        refused = httpx.get(f"{api.url}/2015-03-31/functions", timeout=PATIENCE)
        assert refused.status_code == 429
        assert refused.headers["x-amzn-ErrorType"] == "TooManyRequestsException"
        gate.opened.set()
        assert [answer.result().status_code for answer in held] == [200, 200]
        assert post(api, "DeleteActivity", ARN).status_code == 200


def test_long_polls_hold_no_thread(tmp_path: Path) -> None:
    gate = Gate()
    gate.opened.set()
    with ThreadPoolExecutor(4) as clients:
        with endpoint(tmp_path, gate.actions, api_threads=1) as api:
            polls = [clients.submit(post, api, "GetActivityTask", ARN) for _ in range(4)]
            for _ in polls:
                gate.await_entered()
            assert post(api, "DeleteActivity", ARN).status_code == 200
        assert [poll.result().status_code for poll in polls] == [200] * 4


def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    with endpoint(tmp_path, {}) as api:
        port = int(api.url.rsplit(":", 1)[1])
        application = create_application(api.engine, None)  # type: ignore[arg-type]
        with (
            pytest.raises(ServerFailed, match=f"Cannot listen on 127.0.0.1:{port}"),
            serving(application, "127.0.0.1", port),
        ):
            pass
