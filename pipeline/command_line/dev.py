"""``statebag dev``."""

from config.settings import Mode, Settings
from pipeline.api.access_keys import generate_access_key
from pipeline.api.application import create_application
from pipeline.api.server import serving
from pipeline.command_line.api import Host, Insecure, Port, authentication, console_access
from pipeline.command_line.application import application
from pipeline.command_line.command_errors import CommandError
from pipeline.command_line.consoles import messages
from pipeline.command_line.worker import log_to_screen, wait_for_signal
from pipeline.console.access import Access
from pipeline.console.routes import console_routes
from pipeline.console.view import address
from pipeline.engine.embedded import embedded_worker

PROFILE = "statebag"
"""A profile of its own: the default one may hold the user's key for AWS."""


def dev(host: Host = "127.0.0.1", port: Port = 8083, insecure: Insecure = False) -> None:
    """Run endpoint, worker and beat in one process until stopped (embedded mode)."""
    with application() as app:
        if app.settings.mode is Mode.SERVER:
            raise CommandError(
                "`statebag dev` is for embedded mode. In server mode run `statebag api`, "
                "`statebag worker` and `statebag beat`."
            )
        log_to_screen(app.settings.log_level)
        if not insecure:
            _make_first_key(app.settings)
        authenticate = authentication(app.settings, insecure=insecure)
        access = console_access(app.settings, insecure=insecure)
        endpoint = create_application(
            app.engine, authenticate, pages=console_routes(app.engine, access)
        )
        with embedded_worker(app, app.engine), serving(endpoint, host, port) as url:
            messages.print(
                f"The endpoint is {url}; worker and beat are running. Ctrl-C stops them."
            )
            messages.print(f"The console, by a link that works once: {console_link(url, access)}")
            wait_for_signal()
            messages.print("Waiting for running requests and calls; Ctrl-C again ends them.")


def console_link(url: str, access: Access) -> str:
    """The address that opens the console without an access key, once."""
    return url + address("sign-in", token=access.one_time_token())


def _make_first_key(settings: Settings) -> None:
    """Create and print a key pair if the file of access keys is missing."""
    path = settings.access_keys_file
    if path.exists():
        return
    key = generate_access_key(path, settings.account_id)
    profile = f"--profile {PROFILE}"
    messages.print(
        f"Created an access key in {path}. This is the only time it is shown:\n\n"
        f"  aws configure set aws_access_key_id {key.access_key_id} {profile}\n"
        f"  aws configure set aws_secret_access_key {key.secret_access_key} {profile}\n"
        f"  aws configure set region {settings.region} {profile}\n"
        f"  export AWS_PROFILE={PROFILE}\n"
    )
