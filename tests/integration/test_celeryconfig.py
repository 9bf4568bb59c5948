"""The Celery configuration on the real brokers and in memory: workers start and chords complete."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import redis
from celery import Celery, chord
from celery.contrib.testing.worker import start_worker
from celery.result import allow_join_result

from config.settings import Settings
from tests.forked_celery import forked_celery
from tests.integration.echo_app import echo_application


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Celery's own worker for tests takes the root logger over, for this and all later tests."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


TIMEOUT = 60  # seconds in which a worker has long started and answered


@contextmanager
def worker_process(settings: Settings, log: Path) -> Iterator[None]:
    """A prefork worker of ``echo_app`` in a process of its own, started by these settings."""
    command = ["-A", "tests.integration.echo_app", "worker"]
    queues = f"{settings.default_queue},{settings.default_queue}-gpu"
    environment = os.environ | {
        "STATEBAG_BROKER_URL": settings.broker_url,
        "STATEBAG_RESULT_BACKEND": settings.result_backend,
        "STATEBAG_DEFAULT_QUEUE": settings.default_queue,
        "STATEBAG_CONCURRENCY": "2",
    }
    arguments = [*command, "--loglevel=INFO", f"--queues={queues}"]
    process = forked_celery().start(arguments, environment, log)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGTERM)
        assert process.has_ended(TIMEOUT)


def assert_answers_and_joins_a_chord(app: Celery) -> None:
    value, total = app.signature("echo.value"), app.signature("echo.total")
    header = [value.clone(args=[number]) for number in range(8)]
    # A worker that ran in this process may have left it marked as one where results are not
    # to be waited for.
    with allow_join_result():
        assert value.clone(args=["π"]).delay().get(timeout=TIMEOUT) == "π"
        assert chord(header, total, app=app).delay().get(timeout=TIMEOUT) == 28


def test_a_worker_on_rabbitmq_runs_tasks_and_chords_from_its_quorum_queues(
    rabbitmq_vhost: str, redis_url: str, queue_name: str, tmp_path: Path
) -> None:
    settings = Settings(
        broker_url=rabbitmq_vhost, result_backend=redis_url, default_queue=queue_name
    )
    log = tmp_path / "worker.log"
    with worker_process(settings, log):
        app = echo_application(settings)
        assert_answers_and_joins_a_chord(app)
        elsewhere = app.signature("echo.value", args=[[1.5, None]], queue=f"{queue_name}-gpu")
        assert elsewhere.delay().get(timeout=TIMEOUT) == [1.5, None]
    text = log.read_text()
    assert "Global QoS is disabled" in text
    assert f"{queue_name}-gpu exchange={queue_name}-gpu(topic)" in text
    assert "ERROR" not in text
    assert "WARNING" not in text


def test_a_worker_on_redis_runs_tasks_and_chords(
    redis_url: str, queue_name: str, tmp_path: Path
) -> None:
    settings = Settings(broker_url=redis_url, result_backend=redis_url, default_queue=queue_name)
    log = tmp_path / "worker.log"
    with worker_process(settings, log):
        assert_answers_and_joins_a_chord(echo_application(settings))
    assert "ERROR" not in log.read_text()


def test_a_message_taken_from_redis_is_unacknowledged_under_a_key_of_statebag(
    redis_url: str, queue_name: str
) -> None:
    settings = Settings(broker_url=redis_url, result_backend=redis_url, default_queue=queue_name)
    app = echo_application(settings)
    app.signature("echo.value", args=[1]).delay()
    with app.connection_for_read() as connection:
        assert connection.default_channel.basic_get(queue_name)
        with closing(redis.Redis.from_url(redis_url)) as database:
            assert database.hlen("statebag.unacked") == 1
            assert database.exists("unacked") == 0


def test_threads_on_the_in_memory_broker_run_tasks_and_chords(queue_name: str) -> None:
    app = echo_application(Settings(default_queue=queue_name, concurrency=4))
    with start_worker(
        app, pool="threads", concurrency=4, perform_ping_check=False, shutdown_timeout=TIMEOUT
    ):
        assert_answers_and_joins_a_chord(app)
