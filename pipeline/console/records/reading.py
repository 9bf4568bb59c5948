"""Records of executions, kept while people look at them."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.console.records.record import Record
from pipeline.engine.engine import Engine
from pipeline.ledger.history import batches_of, read_settled

_KEPT = 8
"""A record of 25,000 events takes about 20 MB."""


@dataclass(slots=True)
class _Kept:
    record: Record = field(default_factory=Record)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Records:
    """The records that this process knows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    @contextmanager
    def of(self, engine: Engine, history_id: str) -> Iterator[Record]:
        """The record of an execution, up to date; no other thread changes it within the block."""
        with self._lock:
            kept = self._kept.setdefault(f"{id(engine)} {history_id}", _Kept())
            self._kept.move_to_end(f"{id(engine)} {history_id}")
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        with kept.lock:
            record = kept.record
            batches = read_settled(
                engine.database,
                history_id,
                lambda connection: list(batches_of(connection, history_id, after=record.read)),
            )
            for number, batch in batches:
                record.add(number, batch)
            yield record


RECORDS = Records()
