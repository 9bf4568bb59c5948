"""Real RabbitMQ, Redis and PostgreSQL on this machine, each test with a place of its own in them.

A test that needs a service which is not there is skipped, or fails with REQUIRE_SERVICES=1.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import NoReturn
from uuid import uuid4

import psycopg
import pytest
import redis
from kombu.connection import Connection
from psycopg import sql
from sqlalchemy import delete

from pipeline.ledger.database import Database
from pipeline.ledger.migrations import migrate
from pipeline.ledger.schema import metadata, schema_versions

RABBITMQ = "amqp://guest:guest@127.0.0.1:5672/"
REDIS = "redis://127.0.0.1:6379/"
POSTGRES = "postgresql://postgres@127.0.0.1:5432/"
REDIS_CLAIM_SECONDS = 3600


def absent(service: str, reason: object) -> NoReturn:
    """Skip the test, or fail it where all services must be there."""
    message = f"{service} cannot be used: {reason}"
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def queue_name() -> str:
    """A name for the default queue, which no other test has."""
    return f"statebag-test-{uuid4().hex[:12]}"


@pytest.fixture
def rabbitmq_vhost(queue_name: str) -> Iterator[str]:
    """URL of a virtual host of the test's own.

    Where none can be made it is the default one: a test gives its worker ``queue_name`` as the
    default queue, so that it is alone with that queue at least.
    """
    try:
        with _connection(connect_timeout=3) as connection:
            connection.connect()
    except OSError as error:
        absent("RabbitMQ", error)
    if not _add_vhost(queue_name):
        yield f"{RABBITMQ}/"
        _delete_queue(queue_name)
        return
    yield f"{RABBITMQ}{queue_name}"
    _rabbitmqctl("delete_vhost", queue_name)


def _connection(**options: int) -> Connection:
    return Connection(f"{RABBITMQ}/", **options)  # type: ignore[no-untyped-call]


def _add_vhost(name: str) -> bool:
    if not _rabbitmqctl("add_vhost", name):
        return False
    return _rabbitmqctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")


def _rabbitmqctl(*arguments: str) -> bool:
    command = shutil.which("rabbitmqctl")
    if command is None:
        return False
    return subprocess.run([command, *arguments], capture_output=True, check=False).returncode == 0


def _delete_queue(name: str) -> None:
    with _connection() as connection:
        channel = connection.channel()
        channel.queue_delete(name)
        channel.exchange_delete(name)


@pytest.fixture
def redis_url() -> Iterator[str]:
    """URL of an empty Redis database that no other test uses; emptied again at the end."""
    with closing(redis.Redis.from_url(REDIS, socket_connect_timeout=3)) as claims:
        try:
            count = int(str(claims.config_get("databases")["databases"]))
        except redis.ConnectionError as error:
            absent("Redis", error)
        number = _claim_database(claims, count)
        url = f"{REDIS}{number}"
        yield url
        with closing(redis.Redis.from_url(url)) as database:
            database.flushdb()
        claims.delete(_claim(number))


def _claim(number: int) -> str:
    return f"statebag-test-database-{number}"


def _claim_database(claims: redis.Redis, count: int) -> int:
    """The number of a database that holds nothing: one with content belongs to somebody."""
    for number in range(1, count):
        with closing(redis.Redis.from_url(f"{REDIS}{number}")) as database:
            if database.dbsize() == 0 and claims.set(
                _claim(number), "", nx=True, ex=REDIS_CLAIM_SECONDS
            ):
                return number
    absent("Redis", "no empty database is free")


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """SQLAlchemy URL of a new PostgreSQL database, dropped at the end."""
    with _postgres_database() as url:
        yield url


@pytest.fixture
def postgres_ledger(_postgres_ledger: str) -> str:
    """URL of an empty ledger on PostgreSQL; it takes a tenth of the time to make a new one."""
    database = Database(_postgres_ledger)
    with database.quick() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not schema_versions:
                connection.execute(delete(table))
    database.dispose()
    return _postgres_ledger


@pytest.fixture(scope="session")
def _postgres_ledger() -> Iterator[str]:
    with _postgres_database() as url:
        database = Database(url)
        migrate(database)
        database.dispose()
        yield url


@contextmanager
def _postgres_database() -> Iterator[str]:
    try:
        server = psycopg.connect(f"{POSTGRES}postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        absent("PostgreSQL", error)
    name = f"statebag_test_{uuid4().hex[:12]}"
    with closing(server):
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield POSTGRES.replace("postgresql", "postgresql+psycopg", 1) + name
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
