"""Which services Task states reach, by the settings."""

from collections.abc import Callable, Mapping

from celery import Celery

from config.settings import Place, Settings
from pipeline.functions.function import ServiceAction
from pipeline.language.resource import SERVICE_INTEGRATIONS
from pipeline.ledger.database import Database
from pipeline.services.aws import aws_service
from pipeline.services.client import Service
from pipeline.services.event_bus import LocalEventBus
from pipeline.services.local_tables import LocalTables


def service_actions(queue: str) -> Mapping[str, ServiceAction]:
    """Every supported action by the name of its Celery task."""
    actions = [
        ServiceAction(service=service, action=action, queue=queue)
        for service, names in SERVICE_INTEGRATIONS.items()
        for action in sorted(names)
    ]
    return {action.name: action for action in actions}


def open_services(
    settings: Settings, app: Celery, database: Database, clock: Callable[[], float]
) -> Mapping[str, Service]:
    """Every service by its name in Resource ARNs."""
    services = {name: aws_service(name, actions) for name, actions in SERVICE_INTEGRATIONS.items()}
    if settings.tables is Place.LOCAL:
        services["dynamodb"] = LocalTables(database).operations
    if settings.event_bus is Place.LOCAL:
        bus = LocalEventBus(
            app, region=settings.region, account_id=settings.account_id, clock=clock
        )
        services["events"] = bus.operations
    return services
