"""Definitions and revisions of state machines, read or stored once a process.

Neither ever changes: a definition's id is a hash of its text, and an update of a state machine
writes a new revision. So nothing here grows stale. The bounds keep a worker that has run many
state machines small.
"""

from functools import lru_cache

from pipeline.integrations.services.definition_checks import checked_definition
from pipeline.language.definition import parse_definition
from pipeline.language.state_machine import StateMachine
from pipeline.ledger import executions, revisions
from pipeline.ledger.database import Database
from pipeline.ledger.revisions import Revision
from pipeline.ledger.rows import MissingRow

_SIZE = 64
"""How many documents, parsed definitions and revisions a process keeps, of each."""


class DefinitionCache:
    """The definitions and revisions that this process has used last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stored_id = lru_cache(_SIZE)(self._store)
        self._machine = lru_cache(_SIZE)(self._load_machine)
        self._revision = lru_cache(_SIZE)(self._load_revision)

    def stored_id(self, document: str) -> str:
        """The id of a definition, which the ledger holds afterwards.

        Raises:
            InvalidDefinition: It does not conform; such a document is never stored.
        """
        return self._stored_id(document)

    def text(self, definition_id: str) -> str:
        """The text of a definition, always read from the ledger.

        Raises:
            MissingRow: The ledger has no such definition.
        """
        return self._database.required(
            executions.find_definition, definition_id, lambda key: MissingRow(f"definition {key}")
        )

    def machine(self, definition_id: str) -> StateMachine:
        """The parsed definition.

        Raises:
            MissingRow: The ledger has no such definition.
        """
        return self._machine(definition_id)

    def revision(self, revision_id: str) -> Revision:
        """The revision with this id.

        Raises:
            MissingRow: The ledger has no such revision.
        """
        return self._revision(revision_id)

    def _store(self, document: str) -> str:
        checked_definition(document)
        with self._database.durable() as connection:
            return executions.put_definition(connection, document)

    def _load_machine(self, definition_id: str) -> StateMachine:
        return parse_definition(self.text(definition_id))

    def _load_revision(self, revision_id: str) -> Revision:
        return self._database.required(
            revisions.find_revision, revision_id, lambda key: MissingRow(f"revision {key}")
        )
