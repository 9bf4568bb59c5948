"""``statebag api``."""

import logging
from typing import Annotated, TypeAlias

import typer

from config.settings import Mode, Settings
from pipeline.api.access_keys import load_access_keys
from pipeline.api.application import create_application
from pipeline.api.authentication import AnySignature, Authenticate, Identity, VerifiedSignatures
from pipeline.api.server import serving
from pipeline.command_line.application import application
from pipeline.command_line.command_errors import CommandError
from pipeline.command_line.consoles import messages
from pipeline.command_line.worker import log_to_screen, wait_for_signal
from pipeline.console.access import Access
from pipeline.console.routes import console_routes

log = logging.getLogger(__name__)

Host: TypeAlias = Annotated[
    str,
    typer.Option(
        help="Address to listen on, without TLS: use one that only your TLS proxy can reach."
    ),
]
Port: TypeAlias = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")]
Insecure: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--insecure",
        help="For tests: accept any signature; an access key id of twelve digits is the account.",
    ),
]


def api(host: Host = "127.0.0.1", port: Port = 8083, insecure: Insecure = False) -> None:
    """Run the Step Functions-compatible endpoint until stopped (server mode)."""
    with application() as app:
        if app.settings.mode is Mode.EMBEDDED:
            raise CommandError("In embedded mode the endpoint is part of `statebag dev`")
        log_to_screen(app.settings.log_level)
        authenticate = authentication(app.settings, insecure=insecure)
        pages = console_routes(app.engine, console_access(app.settings, insecure=insecure))
        endpoint = create_application(app.engine, authenticate, pages=pages)
        with serving(endpoint, host, port) as url:
            messages.print(f"The endpoint is {url}, the console {url}/console; Ctrl-C stops it.")
            wait_for_signal()
            messages.print("Waiting for running requests; Ctrl-C again ends them.")


def console_access(settings: Settings, *, insecure: bool) -> Access:
    """How people enter the console: with the endpoint's access keys, or freely."""
    return Access(
        keys={} if insecure else load_access_keys(settings.access_keys_file),
        identity=Identity(account_id=settings.account_id, region=settings.region),
        is_open=insecure,
    )


def authentication(settings: Settings, *, insecure: bool) -> Authenticate:
    """How the endpoint authenticates its callers.

    Raises:
        InvalidAccessKeys: The file of access keys is missing or cannot be used.
    """
    if not insecure:
        return VerifiedSignatures(load_access_keys(settings.access_keys_file))
    log.warning(
        "INSECURE: the endpoint accepts requests with any signature or none. For tests only."
    )
    return AnySignature(Identity(account_id=settings.account_id, region=settings.region))
