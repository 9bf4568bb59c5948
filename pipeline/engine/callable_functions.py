"""The functions that Task states may call, and what runs those whose code clients uploaded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.settings import Settings
from pipeline.integrations.functions.function import ServiceAction
from pipeline.integrations.functions.functions import Functions
from pipeline.integrations.functions.functions_file import load_functions
from pipeline.integrations.functions.lambda_code import FunctionCode
from pipeline.integrations.functions.lambda_sandboxes import Sandboxes
from pipeline.integrations.functions.service_tasks import service_actions
from pipeline.integrations.functions.stored_functions import StoredFunctions
from pipeline.ledger.database import Database
from pipeline.payloads.object_store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class CallableFunctions:
    """Every kind of function that this process can call.

    Attributes:
        listed: The functions of the functions file, read once.
        stored: The functions that clients created over the API; each lookup reads the ledger.
        sandboxes: The processes that run stored functions for this one.
        service_actions: Actions of AWS services by the names of their Celery tasks.
    """

    listed: Functions
    stored: StoredFunctions
    sandboxes: Sandboxes
    service_actions: Mapping[str, ServiceAction]


def open_functions(
    settings: Settings, database: Database, store: ObjectStore, clock: Callable[[], float]
) -> CallableFunctions:
    """The functions that the settings and the ledger name.

    Raises:
        InvalidFunctions: The functions file cannot be used.
    """
    code = FunctionCode(store, settings.data_dir / "functions")
    return CallableFunctions(
        listed=load_functions(settings.functions_file, settings.default_queue),
        stored=StoredFunctions(database, code, settings.default_queue, clock),
        sandboxes=Sandboxes(code, limit=settings.concurrency),
        service_actions=service_actions(settings.default_queue),
    )
