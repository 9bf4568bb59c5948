"""``statebag worker`` and ``statebag beat``."""

import logging
import signal
import threading
from typing import Annotated

import typer
from rich.logging import RichHandler

from config.settings import Mode
from pipeline.command_line.application import Application, application
from pipeline.command_line.command_errors import CommandError
from pipeline.command_line.consoles import messages
from pipeline.engine.canvas import SWEEP
from pipeline.engine.embedded import embedded_worker, queues_of


def worker(
    queues: Annotated[
        str | None, typer.Option(help="Comma-separated queues to consume; all by default.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Number of processes; overrides the setting.")
    ] = None,
    hostname: Annotated[
        str | None, typer.Option(help="Name of the worker; %h stands for the host name.")
    ] = None,
) -> None:
    """Run a worker until stopped.

    In server mode this is a Celery worker; in embedded mode it includes beat.
    """
    options = {"--queues": queues, "--concurrency": concurrency, "--hostname": hostname}
    with application() as app:
        if app.settings.mode is Mode.SERVER:
            options["--queues"] = queues or ",".join(queues_of(app.engine))
            given = [f"{name}={value}" for name, value in options.items() if value is not None]
            app.close_engine()  # each process of the worker opens its own
            _become(app, "worker", *given)
        elif rejected := [name for name, value in options.items() if value is not None]:
            raise CommandError(
                f"{rejected[0]} needs server mode; the settings are those of embedded mode"
            )
        else:
            _work_here(app)


def beat() -> None:
    """Request the sweeps of the ledger (server mode; one process per installation)."""
    with application() as app:
        if app.settings.mode is Mode.EMBEDDED:
            raise CommandError(
                "In embedded mode beat is part of `statebag worker` and `statebag run`"
            )
        _become(app, "beat")


def _become(app: Application, command: str, *arguments: str) -> None:
    """Turn this process into one of Celery's own commands."""
    raise typer.Exit(app.start([command, f"--loglevel={app.settings.log_level}", *arguments]))


def _work_here(app: Application) -> None:
    log_to_screen(app.settings.log_level)
    with embedded_worker(app, app.engine):
        messages.print("Worker and beat are running; Ctrl-C stops them.")
        wait_for_signal()
        messages.print("Waiting for running calls; Ctrl-C again ends them.")


def log_to_screen(level: str) -> None:
    """Log to the console that the progress display uses, so that neither garbles the other."""
    handler = RichHandler(console=messages, show_path=False)
    if level != "DEBUG":
        handler.addFilter(_is_not_about_a_sweep)
    logging.basicConfig(level=level, format="%(message)s", datefmt="[%X]", handlers=[handler])


def _is_not_about_a_sweep(record: logging.LogRecord) -> bool:
    """False for the lines that Celery logs for each sweep, every second."""
    return record.levelno != logging.INFO or SWEEP not in record.getMessage()


def wait_for_signal() -> None:
    """Return at the first SIGINT or SIGTERM; the second one ends the process at once."""
    stopped = threading.Event()

    def stop(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    stopped.wait()
