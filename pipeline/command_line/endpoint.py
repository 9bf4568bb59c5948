"""The endpoint that a command calls: the named one, a local `statebag dev`, or its own."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

import boto3
import typer
from botocore.config import Config

from config.settings import Mode, Settings, load_settings
from pipeline.api.access_keys import AccessKey, load_access_keys
from pipeline.api.application import create_application
from pipeline.api.authentication import AnySignature, Identity
from pipeline.api.server import serving
from pipeline.command_line.application import application
from pipeline.command_line.command_errors import CommandError
from pipeline.command_line.consoles import messages

DEV_URL = "http://127.0.0.1:8083"
"""Where ``statebag dev`` listens."""

_VARIABLES = ("AWS_ENDPOINT_URL_SFN", "AWS_ENDPOINT_URL_STEPFUNCTIONS", "AWS_ENDPOINT_URL")
_NAMING_A_KEY = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LOOK_SECONDS = 0.5
_MAX_ANSWER_SECONDS = 330
"""StartSyncExecution answers after five minutes at most."""

Endpoint: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="URL of the endpoint. Default: AWS_ENDPOINT_URL_SFN, a "
        f"`statebag dev` at {DEV_URL}, or else the ledger of this directory's settings.",
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the API's answer as JSON.")]


@contextmanager
def step_functions(endpoint: str | None, *, needs_worker: bool = False) -> Iterator[Any]:
    """A boto3 client of the endpoint.

    Without a named or a listening endpoint, this process serves the same API on the ledger of the
    settings until the block ends.

    Args:
        endpoint: URL, or None for the one in the environment.
        needs_worker: Whether to warn a user who runs no worker.

    Raises:
        CommandError: The URL is invalid.
    """
    url = endpoint or next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), None)
    if url is None and _listens(DEV_URL):
        url = DEV_URL
    if url is not None:
        yield _client(_checked(url), _keys(url))
        return
    with application() as app:
        settings = app.settings
        if needs_worker and settings.mode is Mode.EMBEDDED:
            messages.print(
                f"No endpoint listens at {DEV_URL}, so this command uses the ledger of this "
                "directory. Its executions run while `statebag dev` or `statebag worker` runs here."
            )
        identity = Identity(account_id=settings.account_id, region=settings.region)
        with serving(create_application(app.engine, AnySignature(identity)), "127.0.0.1", 0) as own:
            yield _client(own, _any_keys(settings))


def _client(url: str, options: Mapping[str, str]) -> Any:
    config = Config(inject_host_prefix=False, read_timeout=_MAX_ANSWER_SECONDS)
    return boto3.client("stepfunctions", endpoint_url=url, config=config, **options)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CommandError(f"{url!r} is not the URL of an endpoint, such as {DEV_URL}")
    return url


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), _LOOK_SECONDS):
            return True
    except OSError:
        return False


def _keys(url: str) -> Mapping[str, str]:
    """The credentials: the environment's, or else, on this host, a key from the settings' file.

    A key that is kept for AWS itself must not come before one that was made for this endpoint, so
    the rest of AWS's conventions comes last.
    """
    on_this_host = urlsplit(url).hostname in _LOOPBACK
    if not on_this_host or any(os.environ.get(name) for name in _NAMING_A_KEY):
        return _region()
    settings = load_settings()
    if settings.access_keys_file.exists():
        key = next(iter(load_access_keys(settings.access_keys_file).values()))
        region = os.environ.get("AWS_DEFAULT_REGION") or settings.region
        return {"region_name": region} | _credentials(key)
    if boto3.Session().get_credentials() is not None:
        return _region()
    return _any_keys(settings)


def _any_keys(settings: Settings) -> Mapping[str, str]:
    """A key whose id is the account, for an endpoint that accepts any key."""
    account = settings.account_id
    key = AccessKey(access_key_id=account, secret_access_key=account, account_id=account)
    return {"region_name": settings.region} | _credentials(key)


def _credentials(key: AccessKey) -> dict[str, str]:
    return {
        "aws_access_key_id": key.access_key_id,
        "aws_secret_access_key": key.secret_access_key,
    }


def _region() -> dict[str, str]:
    """The region of AWS's conventions, or else that of the settings."""
    if boto3.Session().region_name is not None:
        return {}
    return {"region_name": load_settings().region}
