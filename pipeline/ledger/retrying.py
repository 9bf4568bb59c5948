"""Repeating what the database could not do because it restarted or broke up a deadlock.

When a connection is lost, it is unknown whether the database has committed. So a repeated operation
must recognise what it has already done.
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
"""Seconds before each further attempt; together they exceed a restart of the database."""

_PASSING_STATES = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "53300",  # too_many_connections
        "55P03",  # lock_not_available: waiting longer would block others
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
    """Carry out an operation, and repeat it after transient errors.

    Args:
        operation: The operation; if it raises an error, it has changed nothing.
        again: Replaces the operation from the second attempt on, when the first may have been
            committed; None repeats the operation.
        sleep: Waits so many seconds.

    Raises:
        sqlalchemy.exc.DBAPIError: An error that is not transient, or lasted too long.
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
    """Whether an error is transient: the same operation may succeed a little later."""
    if error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        code: int = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return code & _SQLITE_PRIMARY_CODE in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    state = getattr(error.orig, "sqlstate", None)
    # An error without a state means that PostgreSQL could not be reached at all.
    return state is None or state in _PASSING_STATES
