"""Endpoints without a worker, whose actions are the test's own."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from config.settings import Settings
from pipeline.api.call import Handler
from tasks.celery import create_app
from tests.api_server import Api, api_over
from tests.platforms import Platform

MEDIA_TYPE = "application/x-amz-json-1.0"


@contextmanager
def endpoint(
    directory: Path, actions: Mapping[str, Handler], authenticate: Any = None, **settings: Any
) -> Iterator[Api]:
    """An endpoint of an engine that has no worker.

    Args:
        directory: An empty directory.
        actions: What the endpoint serves.
        authenticate: How callers are known; anybody is taken at their word when it is None.
        settings: Settings that differ from the defaults.
    """
    app = create_app(Settings(data_dir=directory / "data", **settings))
    platform = Platform(app=app, directory=directory)
    try:
        with api_over(platform, authenticate, actions=actions) as api:
            yield api
    finally:
        app.close_engine()


def post(
    api: Api, action: str, body: bytes | Mapping[str, Any] = b"{}", **headers: str
) -> httpx.Response:
    """Send a request as it stands."""
    given = {"X-Amz-Target": f"AWSStepFunctions.{action}", "Content-Type": MEDIA_TYPE}
    return httpx.post(
        f"{api.url}/",
        content=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers=given | {name.replace("_", "-"): value for name, value in headers.items()},
        timeout=30,
    )
