"""Watching an execution from outside, by the ledger alone, wherever it runs."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.engine.engine import Engine
from pipeline.executions.lifecycle import find_execution
from pipeline.interpreter.frame_codec import decode_events
from pipeline.ledger.history import batches_of, read_settled
from pipeline.ledger.progress import FanOutProgress, progress_of_execution
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus, HistoryBatch

_ENTERED = "StateEntered"
_FIRST_PAUSE = 0.01
_MAX_PAUSE = 0.2
_WORTH_OF_A_LOOK = 10
"""Pauses last at least this many times as long as the look before them took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an execution is.

    Attributes:
        execution: Its row.
        entered: How often each state was entered, in the order of first times. What the
            iterations of a distributed Map enter is left out: they are executions of their own.
        fan_outs: Each Parallel and Map state that has fanned out, in the order of first times.
    """

    execution: ExecutionRow
    entered: Counter[str]
    fan_outs: list[FanOutProgress]

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing more to come."""
        return self.execution.status is not ExecutionStatus.RUNNING


@dataclass(slots=True)
class Watch:
    """Looks at one execution again and again, reading only the history that is new."""

    engine: Engine
    arn: str
    _read: int = 0
    _entered: Counter[str] = field(default_factory=Counter)
    _order: list[str] = field(default_factory=list)

    def look(self) -> Progress:
        """How far the execution is now.

        Raises:
            ExecutionDoesNotExist: There is no execution with this ARN.
        """
        # The status is read first: what is read after the end is complete.
        execution = find_execution(self.engine, self.arn)
        with self.engine.database.reading() as connection:
            fan_outs = progress_of_execution(connection, execution.id)
        for number, batch in self._new_batches(execution.id):
            self._read = number
            self._entered.update(_states_entered(batch.events))
        return Progress(
            execution=execution, entered=Counter(self._entered), fan_outs=self._in_order(fan_outs)
        )

    def _new_batches(self, execution_id: str) -> list[tuple[int, HistoryBatch]]:
        return read_settled(
            self.engine.database,
            execution_id,
            lambda connection: list(batches_of(connection, execution_id, after=self._read)),
        )

    def until_it_ends(self) -> Iterator[Progress]:
        """Looks at it, seldom enough not to slow it, until it has ended."""
        pause = _FIRST_PAUSE
        while True:
            began = time.monotonic()
            progress = self.look()
            yield progress
            if progress.has_ended:
                return
            took = time.monotonic() - began
            time.sleep(max(pause, _WORTH_OF_A_LOOK * took))
            pause = min(2 * pause, _MAX_PAUSE)

    def _in_order(self, fan_outs: list[FanOutProgress]) -> list[FanOutProgress]:
        names = {fan_out.state for fan_out in fan_outs}
        self._order += sorted(names.difference(self._order))
        return sorted(fan_outs, key=lambda fan_out: self._order.index(fan_out.state))


def _states_entered(events: bytes) -> Iterator[str]:
    # Inputs stay packed: they may lie in the object store, and progress shows none of them.
    for event in decode_events(events, lambda _: None):
        if event.type.endswith(_ENTERED):
            yield str(event.details["name"])
