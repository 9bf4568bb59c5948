"""What the functions of the Smart StateBag find in a worker: variables, its engine, its tables."""

import os

from config.local_deployment import function_environment
from config.settings import ServiceBackend
from pipeline.engine.engine import Engine
from pipeline.integrations.services.local_tables import LocalTables
from tasks.host.engine_callbacks import EngineCallbacks
from tasks.smart_statebag.process_services import ProcessServices, install, uninstall
from tasks.smart_statebag.tables.schemas import SCHEMAS


class FunctionServices:
    """Lets the functions in this process find their engine.

    They are Lambda code: they read environment variables and process services, no settings. Both
    belong to the whole process, so ``remove`` takes away what this object has installed.
    """

    def __init__(self, engine: Engine) -> None:
        """Set the variables that are not set yet, and install the services of an engine."""
        self._variables = function_environment(engine.settings)
        os.environ.update(self._variables)
        callbacks = EngineCallbacks(engine)
        is_local = engine.settings.tables is ServiceBackend.LOCAL
        self._services = ProcessServices(
            engine=callbacks,
            send_to_queue=callbacks.send_to_queue,
            tables=_local_tables(engine) if is_local else None,
        )
        install(self._services)

    def remove(self) -> None:
        """Take away the services and variables, and leave what others have installed since."""
        uninstall(self._services)
        for name, value in self._variables.items():
            if os.environ.get(name) == value:
                del os.environ[name]


def _local_tables(engine: Engine) -> LocalTables:
    """The tables in the ledger, which ``dynamodb:getItem`` of a state machine reads too."""
    tables = LocalTables(engine.database)
    for schema in SCHEMAS:
        tables.ensure_table(os.environ[schema.setting], *schema.key)
    return tables
