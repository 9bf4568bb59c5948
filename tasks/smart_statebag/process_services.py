"""What the functions' process offers them: on AWS nothing, on a worker the engine's services."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from tasks.smart_statebag.bag.json_value import JsonObject

SendToQueue: TypeAlias = Callable[[str, JsonObject], None]
"""Has a worker of a queue call ``async_llm_handler:process_handler`` with an event."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProcessServices:
    """Services of one host; the functions turn to AWS for each that is None.

    Attributes:
        engine: Has the methods of ``callbacks.Callbacks`` and ``callbacks.StateMachines``.
        send_to_queue: Publishes to workers; the functions themselves do not depend on Celery.
        tables: A client with the methods of boto3's for DynamoDB.
    """

    engine: Any = None
    send_to_queue: SendToQueue | None = None
    tables: Any = None


_installed: list[ProcessServices] = [ProcessServices()]


def process_services() -> ProcessServices:
    """The services that were installed last."""
    return _installed[-1]


def install(services: ProcessServices) -> None:
    """Put services in force for every function of this process."""
    _installed.append(services)


def uninstall(services: ProcessServices) -> None:
    """Withdraw these services and leave those that others have installed."""
    _installed.remove(services)
