"""An S3 server (moto's) in a process of its own, so that it takes no time from those it serves."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import httpx

MAX_START = 60
"""Seconds in which the server has long started."""


@contextmanager
def s3_process(bucket: str) -> Iterator[None]:
    """Lead every S3 client of this process to a server with one empty bucket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    endpoint = f"http://127.0.0.1:{port}"
    environment = {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _make_bucket(f"{endpoint}/{bucket}")
        with patch.dict("os.environ", environment):
            yield
    finally:
        server.terminate()
        server.wait()


def _make_bucket(url: str) -> None:
    """Make the bucket as soon as the server answers."""
    deadline = time.monotonic() + MAX_START
    while True:
        try:
            httpx.put(url).raise_for_status()
        except httpx.ConnectError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
