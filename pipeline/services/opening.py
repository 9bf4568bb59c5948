"""Which services Task states reach, by the settings."""

from collections.abc import Callable, Mapping

from celery import Celery

from config.settings import Place, Settings
from pipeline.functions.function import ServiceAction
from pipeline.language.resource import SERVICE_INTEGRATIONS
from pipeline.ledger.database import Database
from pipeline.services.client import Service
from pipeline.services.connections import load_connections
from pipeline.services.event_bus import LocalEventBus
from pipeline.services.http_task import HttpTask
from pipeline.services.integrations import Services
from pipeline.services.local_tables import LocalTables


def service_actions(queue: str) -> Mapping[str, ServiceAction]:
    """The actions of the optimised integrations by the names of their Celery tasks."""
    actions = [
        ServiceAction(service=service, action=action, queue=queue)
        for service, names in SERVICE_INTEGRATIONS.items()
        for action in sorted(names)
    ]
    return {action.name: action for action in actions}


def open_services(
    settings: Settings, app: Celery, database: Database, clock: Callable[[], float]
) -> Services:
    """Every service that Task states may call.

    Raises:
        InvalidConnections: The file of connections cannot be used.
    """
    local: dict[str, Service] = {}
    if settings.tables is Place.LOCAL:
        local["dynamodb"] = LocalTables(database).operations
    if settings.event_bus is Place.LOCAL:
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
