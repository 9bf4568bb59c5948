"""What a sweep does to one row after another."""

import logging
from collections.abc import Callable, Iterable

from pipeline.ledger.rows import ExecutionRow
from pipeline.payloads.object_store import ObjectStoreError

log = logging.getLogger(__name__)


def one_by_one(rows: Iterable[ExecutionRow], act: Callable[[ExecutionRow], object]) -> None:
    """Do something to each execution.

    One whose payloads cannot be read is left to the next sweep. It must not keep that sweep, or any
    other, from what it is to do for all the others.
    """
    for row in rows:
        try:
            act(row)
        except ObjectStoreError:
            log.exception("left %s to the next sweep", row.arn)
