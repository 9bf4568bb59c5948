"""Starting an execution while the broker, or the result backend, is away."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import Ignore

from config.settings import Settings
from pipeline.executions.lifecycle import find_execution, start_execution, stop_execution
from pipeline.executions.redriving import redrive
from pipeline.executions.sweeper import sweep
from pipeline.executor.after_commit import after_commit
from pipeline.ledger import due_frames
from pipeline.ledger.rows import ExecutionRow
from tasks.celery import create_app
from tasks.engine.application import StateBagApp
from tests.clocks import SkippingClock
from tests.machines import call, each, only

CALL = only(call("echo"))
MAP = only(each(CALL))


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address that refuses connections."""
    with socket.socket() as closed:  # bound, but it does not listen
        closed.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{closed.getsockname()[1]}"


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()


@pytest.fixture
def broker_away(tmp_path: Path, nowhere: str, clock: SkippingClock) -> Iterator[StateBagApp]:
    with _opened(tmp_path, nowhere, f"amqp://guest:guest@{nowhere}//", clock) as app:
        yield app


@pytest.fixture
def result_backend_away(
    tmp_path: Path, nowhere: str, rabbitmq_vhost: str, clock: SkippingClock
) -> Iterator[StateBagApp]:
    with _opened(tmp_path, nowhere, rabbitmq_vhost, clock) as app:
        yield app


@contextmanager
def _opened(
    directory: Path, nowhere: str, broker_url: str, clock: SkippingClock
) -> Iterator[StateBagApp]:
    """An application of a client, without a worker, whose result backend is away."""
    functions = directory / "functions.toml"
    functions.write_text(
        '[functions.echo]\nprovider = "python"\nhandler = "tests.functions.handlers:echo"\n'
    )
    settings = Settings(
        broker_url=broker_url,
        result_backend=f"redis://{nowhere}/0",
        ledger_url=f"sqlite:///{directory}/ledger.db",
        object_store=str(directory / "objects"),
        functions_file=functions,
    )
    app = create_app(settings, clock=clock)
    yield app
    app.close_engine()


def _start(app: StateBagApp, machine: Mapping[str, Any]) -> ExecutionRow:
    definition = json.dumps(machine)
    return start_execution(app.engine, machine_name="away", definition=definition, input=[1, 2])


def _assert_owed(app: StateBagApp, row: ExecutionRow) -> None:
    """The execution runs, and the sweeper is to publish what goes on with it."""
    assert find_execution(app.engine, row.arn).status == "RUNNING"
    at = app.engine.clock() + 2 * app.settings.redelivery_seconds
    with app.engine.database.reading() as connection:
        assert [frame.id for frame in due_frames.due(connection, at, 10)] == [row.id]


def test_an_execution_starts_and_its_message_is_owed(broker_away: StateBagApp) -> None:
    _assert_owed(broker_away, _start(broker_away, CALL))


@pytest.mark.parametrize("away", ["broker_away", "result_backend_away"])
def test_an_execution_whose_chord_is_not_published_starts_once(
    away: str, request: pytest.FixtureRequest
) -> None:
    app: StateBagApp = request.getfixturevalue(away)
    _assert_owed(app, _start(app, MAP))


@pytest.mark.parametrize("away", ["broker_away", "result_backend_away"])
def test_a_redrive_whose_message_is_not_published_counts(
    away: str, request: pytest.FixtureRequest
) -> None:
    app: StateBagApp = request.getfixturevalue(away)
    row = _start(app, MAP)
    assert stop_execution(app.engine, row.arn)
    redrive(app.engine, find_execution(app.engine, row.arn))
    _assert_owed(app, row)


def test_a_sweep_goes_on_after_a_chord_that_is_not_published(
    result_backend_away: StateBagApp, clock: SkippingClock
) -> None:
    app = result_backend_away
    _start(app, MAP)
    _start(app, CALL)
    clock.skipped += 2 * app.settings.redelivery_seconds
    assert sweep(app.engine) == 1  # the wake-up for the call


def test_what_fails_after_a_commit_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with after_commit("publish the truth"):
        raise OSError("the network is down")
    [record] = caplog.records
    assert record.getMessage() == "cannot publish the truth now; the sweeper tries again"
    assert record.exc_info is not None


def test_a_task_that_ends_without_a_result_still_ends() -> None:
    with pytest.raises(Ignore), after_commit("publish the truth"):
        raise Ignore
