"""The retention of stored functions' code: until no call can need it any more."""

import logging
from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from pipeline.integrations.functions.lambda_code import KEPT_SECONDS, FunctionCode, code_sha256
from pipeline.ledger import unused_code
from pipeline.ledger.database import Database
from pipeline.payloads.object_store import ObjectStoreError

log = logging.getLogger(__name__)


class KeptCode:
    """Stores zips, and deletes those that no function uses.

    A zip counts as unused from before it is stored until the commit of a function that uses it. So
    a zip that never became a function is deleted, too, and none that is about to become one.
    """

    def __init__(self, database: Database, code: FunctionCode, clock: Callable[[], float]) -> None:
        self._database = database
        self._code = code
        self._clock = clock

    def keep(self, data: bytes) -> str:
        """Store a zip and return its SHA-256, hexadecimal.

        Raises:
            UnusableCode: The zip cannot be unpacked.
            ObjectStoreUnavailable: The store could not write it.
        """
        with self._database.durable() as connection:
            unused_code.mark_unused(connection, code_sha256(data), self._clock())
        return self._code.keep(data)

    def note_use(self, connection: Connection, changed: Iterable[str]) -> None:
        """Record which of these zips are in use, in the transaction that changes their use."""
        unused_code.note_use(connection, set(changed), self._clock())

    def delete_unused(self) -> None:
        """Delete the zips that have been unused for longer than any call can need them."""
        try:
            while self._delete_one():
                pass
        except ObjectStoreError as error:
            log.warning("unused code is not deleted yet: %s", error)

    def _delete_one(self) -> bool:
        # In one transaction: a request that stores the same zip waits until this one is deleted.
        with self._database.durable() as connection:
            sha256 = unused_code.take_unused(connection, self._clock() - KEPT_SECONDS)
            if sha256 is not None and not unused_code.is_used(connection, sha256):
                self._code.delete(sha256)
            return sha256 is not None
