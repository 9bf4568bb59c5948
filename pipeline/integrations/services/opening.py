"""Opening the services that Task states may call, as the settings say."""

from collections.abc import Callable

from celery import Celery

from config.settings import ServiceBackend, Settings
from pipeline.integrations.services.client import Service
from pipeline.integrations.services.connections import load_connections
from pipeline.integrations.services.event_bus import LocalEventBus
from pipeline.integrations.services.http_task import HttpTask
from pipeline.integrations.services.integrations import Services
from pipeline.integrations.services.local_tables import LocalTables
from pipeline.ledger.database import Database


def open_services(
    settings: Settings, app: Celery, database: Database, clock: Callable[[], float]
) -> Services:
    """Every service that Task states may call.

    Raises:
        InvalidConnections: The file of connections cannot be used.
    """
    local: dict[str, Service] = {}
    if settings.tables is ServiceBackend.LOCAL:
        local["dynamodb"] = LocalTables(database).operations
    if settings.event_bus is ServiceBackend.LOCAL:
        bus = LocalEventBus(
            app, region=settings.region, account_id=settings.account_id, clock=clock
        )
        local["events"] = bus.operations
    return Services(
        local=local,
        http=HttpTask(load_connections(settings.connections_file), clock, region=settings.region),
        region=settings.region,
        strict_limits=settings.strict_limits,
    )
