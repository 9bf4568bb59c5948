"""The quota of executions that are open at a time, without a count for each start.

AWS Step Functions Developer Guide, "Quotas", state machine executions. Those of EXPRESS state
machines and the children of map runs have no part in it.
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
"""More than all processes on one ledger start together."""

_SHORTEST_SECONDS = 1.0
"""How long a count serves at least, however few may still be started."""


class ExecutionLimitExceeded(RejectedRequest):
    """An account has as many open executions in a region as it may have."""

    code = "ExecutionLimitExceeded"

    def __init__(self, most: int) -> None:
        super().__init__(f"The maximum number of running executions has been reached: {most}")


def owner_of(arn: str) -> tuple[str, str]:
    """The account and the region that an ARN names."""
    parts = Arn.parse(arn)
    return parts.account_id, parts.region


@dataclass(slots=True, kw_only=True)
class _Room:
    """How many executions may still be started, and until when that is believed."""

    left: int
    until: float


class OpenExecutions:
    """Room for new executions, as this process knows it.

    Open executions are counted again when this process has used up the room that it has found, and
    when all the others could have done so meanwhile. Far below the quota that is every hundred
    seconds, and takes no time; a million take some tenths of one. Several processes that start
    the last few may together exceed the quota by what they start within a second.
    """

    def __init__(
        self, database: Database, clock: Callable[[], float], most: int = MAX_OPEN_EXECUTIONS
    ) -> None:
        """Nothing is counted yet.

        Args:
            database: The ledger's.
            clock: Gives epoch seconds.
            most: Executions that an account may have open in a region.
        """
        self._database = database
        self._clock = clock
        self._most = most
        self._rooms: dict[tuple[str, str], _Room] = {}
        self._lock = threading.Lock()

    def reserve_slot(self, account_id: str, region: str, existing_arn: str | None = None) -> None:
        """Count an execution that an account is about to open in a region.

        Args:
            account_id: Whose it is.
            region: Where it is.
            existing_arn: Its ARN, if it needs no room in case it was started before.

        Raises:
            ExecutionLimitExceeded: There are as many already as there may be.
        """
        with self._lock:
            is_room = self._take((account_id, region), self._clock())
        if not is_room and not (existing_arn and self._is_there(existing_arn)):
            raise ExecutionLimitExceeded(self._most)

    def _take(self, owner: tuple[str, str], now: float) -> bool:
        room = self._rooms.get(owner)
        if room is None or now >= room.until:
            room = self._rooms[owner] = self._found(*owner, now)
        if room.left <= 0:
            return False
        room.left -= 1
        if room.left == 0:
            del self._rooms[owner]
        return True

    def _is_there(self, arn: str) -> bool:
        with self._database.reading() as connection:
            return find_execution_by_arn(connection, arn) is not None

    def _found(self, account_id: str, region: str, now: float) -> _Room:
        with self._database.reading() as connection:
            left = self._most - count_open(connection, account_id, region)
        return _Room(left=left, until=now + max(left / STARTS_PER_SECOND, _SHORTEST_SECONDS))
