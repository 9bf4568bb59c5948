"""The Celery application: ``celery -A tasks.celery``, and what ``statebag`` embeds."""

import time
from collections.abc import Callable

from celery.signals import worker_process_shutdown, worker_shutdown

from config.settings import Settings, load_settings
from pipeline.integrations.functions.functions_file import load_functions
from tasks.engine.application import StateBagApp
from tasks.engine.register import register_tasks
from tasks.host.execution_ended import listen_for_ends
from tasks.host.function_services import FunctionServices


def create_app(settings: Settings, *, clock: Callable[[], float] = time.time) -> StateBagApp:
    """An application with every task of the engine and of the functions registered.

    Args:
        clock: Gives the epoch seconds of executions; a test may pass its own.
    """
    made = StateBagApp(settings, clock=clock, install_services=FunctionServices)
    functions = load_functions(settings.functions_file, settings.default_queue)
    register_tasks(made, functions)
    listen_for_ends(made, functions)
    return made


app = create_app(load_settings())


def _leave(**_: object) -> None:
    app.close_engine()


worker_process_shutdown.connect(_leave)
worker_shutdown.connect(_leave)
