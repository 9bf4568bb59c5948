"""The endpoint that a command talks to: one that is named, one that listens, or one of its own."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

import boto3
import typer
from botocore.config import Config

from config.settings import Settings, load_settings
from pipeline.api.access_keys import AccessKey, load_access_keys
from pipeline.api.application import create_application
from pipeline.api.authentication import AnySignature, Identity
from pipeline.api.server import serving
from pipeline.command_line.application import application

DEV_URL = "http://127.0.0.1:8083"
"""Where ``statebag dev`` listens."""

_VARIABLES = ("AWS_ENDPOINT_URL_SFN", "AWS_ENDPOINT_URL_STEPFUNCTIONS", "AWS_ENDPOINT_URL")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LOOK_SECONDS = 0.5

Endpoint: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="URL of the endpoint. Without it and without AWS_ENDPOINT_URL_SFN it is a "
        f"`statebag dev` at {DEV_URL}, or else what the settings of this directory name.",
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="What the API answers, for machines.")
]


@contextmanager
def step_functions(endpoint: str | None) -> Iterator[Any]:
    """A boto3 client of the endpoint.

    Where none is named and none listens, one is served here for as long as the block lasts: the
    same API, straight on the ledger that the settings name.
    """
    url = endpoint or next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), None)
    if url is None and _listens(DEV_URL):
        url = DEV_URL
    if url is not None:
        yield _client(url, _keys(url))
        return
    with application() as app:
        settings = app.settings
        identity = Identity(account_id=settings.account_id, region=settings.region)
        with serving(create_application(app.engine, AnySignature(identity)), "127.0.0.1", 0) as own:
            yield _client(own, _any_keys(settings))


def _client(url: str, options: Mapping[str, str]) -> Any:
    return boto3.client(
        "stepfunctions", endpoint_url=url, config=Config(inject_host_prefix=False), **options
    )


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), _LOOK_SECONDS):
            return True
    except OSError:
        return False


def _keys(url: str) -> Mapping[str, str]:
    """AWS's own conventions; on this host, the key that ``statebag dev`` made where they are not
    followed."""
    if urlsplit(url).hostname not in _LOOPBACK or boto3.Session().get_credentials() is not None:
        return _region(None)
    settings = load_settings()
    if not settings.access_keys_file.exists():
        return _any_keys(settings)
    key = next(iter(load_access_keys(settings.access_keys_file).values()))
    return _region(settings) | _credentials(key)


def _any_keys(settings: Settings) -> Mapping[str, str]:
    """A key that says whose it is, for an endpoint that takes any."""
    account = settings.account_id
    key = AccessKey(access_key_id=account, secret_access_key=account, account_id=account)
    return {"region_name": settings.region} | _credentials(key)


def _credentials(key: AccessKey) -> dict[str, str]:
    return {
        "aws_access_key_id": key.access_key_id,
        "aws_secret_access_key": key.secret_access_key,
    }


def _region(settings: Settings | None) -> dict[str, str]:
    """The region of AWS's conventions, or else that of the settings."""
    if boto3.Session().region_name is not None:
        return {}
    return {"region_name": (settings or load_settings()).region}
