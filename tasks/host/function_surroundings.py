"""What surrounds the functions of the Smart StateBag in a worker: variables, tokens, tables."""

import os
from typing import Any

from config.local_deployment import function_environment
from config.settings import Place
from pipeline.engine.engine import Engine
from pipeline.integrations.services.local_tables import LocalTables
from tasks.host.engine_callbacks import EngineCallbacks
from tasks.smart_statebag.callbacks.dispatching import LLM_QUEUE
from tasks.smart_statebag.callbacks.selection import IN_PROCESS
from tasks.smart_statebag.tables.schemas import IDEMPOTENCY, TASK_TOKENS, WORKFLOWS
from tasks.smart_statebag.tables.selection import IN_LEDGER


class FunctionSurroundings:
    """Lets the functions in this process find their engine.

    They are Lambda code and know environment variables and places to look into, no settings. Both
    belong to the whole process, so whatever is put there is taken away again at the end.
    """

    def __init__(self, engine: Engine) -> None:
        """Set the variables that nobody has set, and fill the places."""
        self._variables = function_environment(engine.settings)
        os.environ.update(self._variables)
        callbacks = EngineCallbacks(engine)
        tables = _local_tables(engine) if engine.settings.tables is Place.LOCAL else None
        self._filled: list[tuple[Any, str, Any, Any]] = []
        self._fill(IN_PROCESS, "engine", callbacks)
        self._fill(LLM_QUEUE, "send", callbacks.send_to_queue)
        self._fill(IN_LEDGER, "client", tables)

    def _fill(self, place: Any, attribute: str, content: Any) -> None:
        self._filled.append((place, attribute, getattr(place, attribute), content))
        setattr(place, attribute, content)

    def remove(self) -> None:
        """Leave the process as it was."""
        for place, attribute, before, content in self._filled:
            if getattr(place, attribute) is content:
                setattr(place, attribute, before)
        for name, value in self._variables.items():
            if os.environ.get(name) == value:
                del os.environ[name]


def _local_tables(engine: Engine) -> LocalTables:
    """The tables in the ledger, which ``dynamodb:getItem`` of a state machine reads too."""
    tables = LocalTables(engine.database)
    for schema in (IDEMPOTENCY, TASK_TOKENS, WORKFLOWS):
        tables.ensure_table(os.environ[schema.setting], *schema.key)
    return tables
