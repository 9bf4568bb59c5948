"""The application that a command works with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from celery.app.utils import find_app

from config.settings import Settings
from pipeline.engine.engine import Engine


class Application(Protocol):
    """The Celery application, which only the rooms above this one may import."""

    settings: Settings
    engine: Engine

    def start(self, argv: list[str]) -> Any:
        """Become one of Celery's own commands."""

    def close_engine(self) -> None:
        """Close the engine's connections."""


@contextmanager
def application() -> Iterator[Application]:
    """Read the settings and make the application; its connections are closed in the end.

    Raises:
        InvalidSettings: Some setting cannot be used.
        InvalidFunctions: The functions file cannot be used.
    """
    app: Application = find_app("tasks.celery")
    try:
        yield app
    finally:
        app.close_engine()
