"""Fan-outs and the frames that fanned out, read once a process.

Every child of a fan-out needs both in order to begin, and every lane to find its seat.
"""

from functools import lru_cache

from pipeline.engine.stored_frame import stored_frame
from pipeline.interpreter.frame import Frame
from pipeline.ledger import fan_outs, frames
from pipeline.ledger.database import Database
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.rows import FanOutRow, MissingRow
from pipeline.ledger.transition import Overtaken
from pipeline.payloads.offload import Payloads

_ROWS = 256
"""Fan-outs that a process keeps."""

_PARENTS = 64
"""Frames that fanned out, with their variables, that a process keeps."""


class FanOutCache:
    """The fan-outs that this process has worked on last."""

    def __init__(self, database: Database, payloads: Payloads) -> None:
        self._database = database
        self._payloads = payloads
        self._begun_row = lru_cache(_ROWS)(self._load_begun)
        self._parent = lru_cache(_PARENTS)(self._load_parent)

    def cached(self, fan_out_id: str) -> FanOutRow:
        """A fan-out as this process read it when one of its lanes had begun.

        A row is kept only from then on, because its chord's group is known then. Ids, names, seat
        and input never change afterwards; the counters (``taken``, ``failures``), ``width`` and
        the stages of a distributed Map may have.

        Raises:
            MissingRow: The ledger has no such fan-out.
        """
        try:
            return self._begun_row(fan_out_id)
        except _NotBegun as early:
            return early.row

    def parent_of(self, fan_out: FanOutRow) -> Frame:
        """The frame that fanned out, at the version at which it did.

        A frame that waits for its children stays as it is until it joins them, or until its
        execution is redriven: so it is kept under the fan-out and the number of its redrives.

        Raises:
            Overtaken: The frame does not wait for these children any more.
        """
        return self._parent(fan_out.id, fan_out.redrive_count)

    def _load_begun(self, fan_out_id: str) -> FanOutRow:
        row = self._database.required(
            fan_outs.find_fan_out, fan_out_id, lambda key: MissingRow(f"fan-out {key}")
        )
        if row.group_id is None:
            raise _NotBegun(row)
        return row

    def _load_parent(self, fan_out_id: str, _redrive_count: int) -> Frame:
        parent = FanOutId.parse(fan_out_id)
        with self._database.reading() as connection:
            row = frames.find_frame(connection, parent.frame_id)
        if row is None or row.version != parent.version:
            raise Overtaken(fan_out_id)
        return stored_frame(row, self._payloads)


class _NotBegun(Exception):
    """The fan-out has no group yet: this row is used once; lru_cache keeps no exception."""

    def __init__(self, row: FanOutRow) -> None:
        super().__init__(row.id)
        self.row = row
