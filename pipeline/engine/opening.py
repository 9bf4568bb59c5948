"""Opening the engine of one process: its connections, its functions, its caches, its identity."""

import os
import secrets
import socket
import time
from collections.abc import Callable

from celery import Celery

from config.settings import Settings
from pipeline.engine.activity_polls import ActivityPolls
from pipeline.engine.callable_functions import open_functions
from pipeline.engine.canvas import Canvas
from pipeline.engine.definition_cache import DefinitionCache
from pipeline.engine.engine import Engine, StartNested
from pipeline.engine.execution_cache import ExecutionCache
from pipeline.engine.fan_out_cache import FanOutCache
from pipeline.engine.nested_call import Caller, NestedCall
from pipeline.engine.open_executions import OpenExecutions
from pipeline.integrations.log_groups import open_log_groups
from pipeline.integrations.services.opening import open_services
from pipeline.language.json_value import JsonObject
from pipeline.ledger.database import Database
from pipeline.ledger.migrations import migrate
from pipeline.payloads.offload import Payloads
from pipeline.payloads.opening import open_object_store


class NestedExecutionsUnavailable(Exception):
    """A Task state asks for a nested execution, and this engine was opened without a starter."""

    def __init__(self, caller_arn: str) -> None:
        super().__init__(caller_arn)
        self.caller_arn = caller_arn

    def __str__(self) -> str:
        return f"This process cannot start executions for {self.caller_arn}."


def open_engine(
    settings: Settings,
    app: Celery,
    *,
    clock: Callable[[], float] = time.time,
    worker_clock: Callable[[], float] = time.time,
    start_nested: StartNested | None = None,
) -> Engine:
    """Open what an engine needs, and bring the ledger's tables up to date.

    Args:
        clock, worker_clock, start_nested: See ``Engine``.

    Raises:
        InvalidFunctions: The functions file cannot be used.
        InvalidConnections: The file of connections cannot be used.
    """
    database = Database(settings.ledger_url, threads=settings.concurrency + settings.api_threads)
    payloads = Payloads(
        store=open_object_store(settings.object_store),
        threshold_bytes=settings.offload_threshold_bytes,
    )
    definitions = DefinitionCache(database)
    engine = Engine(
        settings=settings,
        app=app,
        clock=clock,
        worker_clock=worker_clock,
        worker_id=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        database=database,
        payloads=payloads,
        services=open_services(settings, app, database, clock),
        log_groups=open_log_groups(settings),
        functions=open_functions(settings, database, payloads.store, clock),
        canvas=Canvas(app, settings.default_queue),
        definitions=definitions,
        executions=ExecutionCache(settings, database, payloads, definitions),
        fan_outs=FanOutCache(database, payloads),
        open_executions=OpenExecutions(database, clock),
        activity_polls=ActivityPolls(),
        start_nested=start_nested or _cannot_start_nested,
    )
    migrate(database)
    return engine


def _cannot_start_nested(_: Engine, call: NestedCall, __: Caller | None) -> JsonObject:
    raise NestedExecutionsUnavailable(call.execution_arn)
