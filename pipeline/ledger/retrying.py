"""Trying again what the database could not do: it restarted, or it chose a victim of a deadlock.

An error while a connection is lost leaves open whether the database has committed. So whatever
is tried again must recognise what it has done already.
"""

import logging
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError

log = logging.getLogger(__name__)

Result = TypeVar("Result")

PAUSES = (0.0, 0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each further attempt; together they outlast a restart of the database."""

_PASSING_STATES = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "53300",  # too_many_connections
        "55P03",  # lock_not_available: it was waited for as long as is good for others
        "57P01",  # admin_shutdown
        "57P02",  # crash_shutdown
        "57P03",  # cannot_connect_now
    }
)
_SQLITE_PRIMARY_CODE = 0xFF
"""The part of an extended result code that names the kind of error."""


def retrying(
    operation: Callable[[], Result],
    again: Callable[[], Result] | None = None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """Carry an operation out, trying again after errors that pass.

    Args:
        operation: Carries it out, or raises an error and changes nothing.
        again: What to do from the second attempt on, when the first may have been committed; the
            operation itself when None.
        sleep: Waits so many seconds.

    Raises:
        sqlalchemy.exc.DBAPIError: An error that does not pass, or has not passed in time.
    """
    attempt = operation
    for pause in PAUSES:
        try:
            return attempt()
        except DBAPIError as error:
            if not passes(error):
                raise
            log.warning("trying again in %.2f s: %s", pause, error.orig)
        sleep(pause)
        attempt = again or operation
    return attempt()


def passes(error: DBAPIError) -> bool:
    """Whether the same operation may succeed a little later."""
    if error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        code: int = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return code & _SQLITE_PRIMARY_CODE in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    state = getattr(error.orig, "sqlstate", None)
    # Without a state, PostgreSQL could not be reached at all.
    return state is None or state in _PASSING_STATES
