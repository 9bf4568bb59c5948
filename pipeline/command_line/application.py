"""The application that a command works with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from celery.app.utils import find_app

from config.settings import Settings
from pipeline.engine import Engine
from pipeline.executions import ExecutionDoesNotExist
from pipeline.ledger.executions import (
    find_execution,
    find_execution_by_arn,
    latest_execution_named,
)
from pipeline.ledger.rows import ExecutionRow


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


def named_execution(engine: Engine, text: str) -> ExecutionRow:
    """The execution with this ARN or id, or the latest one with this name.

    Raises:
        ExecutionDoesNotExist: There is none.
    """
    with engine.database.reading() as connection:
        row = (
            find_execution_by_arn(connection, text)
            or find_execution(connection, text)
            or latest_execution_named(connection, text)
        )
    if row is None:
        raise ExecutionDoesNotExist(text)
    return row
