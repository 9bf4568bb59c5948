"""The quota of open executions, checked without a count for each start.

AWS Step Functions Developer Guide, "Quotas", state machine executions. It does not cover EXPRESS
executions and the children of map runs.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.integrations.arns import Arn
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.ledger.database import Database
from pipeline.ledger.executions import find_execution_by_arn
from pipeline.ledger.open_executions import count_open

MAX_OPEN_EXECUTIONS = 1_000_000
"""Executions that an account may have open in a region."""

STARTS_PER_SECOND = 10_000
"""More executions than all processes on one ledger can start together."""

_SHORTEST_SECONDS = 1.0
"""How long a count is valid at least, even close to the quota."""


class ExecutionLimitExceeded(RejectedRequest):
    """An account has reached the quota of open executions in a region."""

    code = "ExecutionLimitExceeded"

    def __init__(self, most: int) -> None:
        super().__init__(f"The maximum number of running executions has been reached: {most}")


def owner_of(arn: str) -> tuple[str, str]:
    """The account and the region that an ARN names."""
    parts = Arn.parse(arn)
    return parts.account_id, parts.region


@dataclass(slots=True, kw_only=True)
class _Allowance:
    """How many executions may still be started, and when that number expires."""

    left: int
    until: float


class OpenExecutions:
    """The number of executions that may still be started, as this process knows it.

    This process counts the open executions again when it has used up the number that it found, or
    when all the other processes could have used it up. Far below the quota that happens every
    hundred seconds and takes no time; counting a million takes a few tenths of a second. Several
    processes that start the last few may together exceed the quota by what they start within a
    second.
    """

    def __init__(
        self, database: Database, clock: Callable[[], float], most: int = MAX_OPEN_EXECUTIONS
    ) -> None:
        """Start without a count.

        Args:
            database: The ledger's.
            clock: Gives epoch seconds.
            most: Executions that an account may have open in a region.
        """
        self._database = database
        self._clock = clock
        self._most = most
        self._allowances: dict[tuple[str, str], _Allowance] = {}
        self._lock = threading.Lock()

    def reserve_slot(self, account_id: str, region: str, existing_arn: str | None = None) -> None:
        """Count an execution that an account is about to open in a region.

        Args:
            account_id: The account.
            region: The region.
            existing_arn: The execution's ARN, if an execution of that ARN that exists takes no
                slot.

        Raises:
            ExecutionLimitExceeded: The quota is reached.
        """
        with self._lock:
            is_allowed = self._take((account_id, region), self._clock())
        if not is_allowed and not (existing_arn and self._exists(existing_arn)):
            raise ExecutionLimitExceeded(self._most)

    def _take(self, owner: tuple[str, str], now: float) -> bool:
        allowance = self._allowances.get(owner)
        if allowance is None or now >= allowance.until:
            allowance = self._allowances[owner] = self._counted(*owner, now)
        if allowance.left <= 0:
            return False
        allowance.left -= 1
        if allowance.left == 0:
            del self._allowances[owner]
        return True

    def _exists(self, arn: str) -> bool:
        with self._database.reading() as connection:
            return find_execution_by_arn(connection, arn) is not None

    def _counted(self, account_id: str, region: str, now: float) -> _Allowance:
        with self._database.reading() as connection:
            left = self._most - count_open(connection, account_id, region)
        return _Allowance(left=left, until=now + max(left / STARTS_PER_SECOND, _SHORTEST_SECONDS))
