"""The Celery tasks that call actions of AWS services."""

from collections.abc import Mapping

from pipeline.integrations.functions.function import ServiceAction
from pipeline.language.resource import SERVICE_INTEGRATIONS


def service_actions(queue: str) -> Mapping[str, ServiceAction]:
    """The actions of the optimised integrations by the names of their Celery tasks."""
    actions = [
        ServiceAction(service=service, action=action, queue=queue)
        for service, names in SERVICE_INTEGRATIONS.items()
        for action in sorted(names)
    ]
    return {action.name: action for action in actions}
