"""Keeping a long stage of a map run from counting as lost."""

import time
from dataclasses import dataclass, field

from pipeline.engine.engine import Engine
from pipeline.ledger import frames
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.rows import FanOutRow
from pipeline.ledger.transition import Overtaken

_FIRST_SECONDS = 1.0
"""Most stages are shorter; for those the sweeper's usual time should stay."""

_PAUSE_SECONDS = 2.0
"""The longest pause between two checks of whether the execution was stopped."""


@dataclass(slots=True)
class UnderWay:
    """Postpones the wake-up of a map run's frame. A stage calls it again and again while it works.

    The sweeper wakes the frame that fanned out when the chain may be lost. Without a postponement,
    a second chain would repeat the work of a long stage.

    Attributes:
        engine: The engine whose ledger holds the map run.
        fan_out: The map run.
        next_at: Monotonic seconds of the next postponement.
    """

    engine: Engine
    fan_out: FanOutRow
    next_at: float = field(default_factory=lambda: time.monotonic() + _FIRST_SECONDS)

    def __call__(self) -> None:
        """Postpone the wake-up, unless the stage has just begun or just did so.

        Raises:
            Overtaken: The map run is over, so the stage's work is no longer needed.
        """
        if time.monotonic() < self.next_at:
            return
        pause = min(self.engine.settings.redelivery_seconds / 3, _PAUSE_SECONDS)
        self.next_at = time.monotonic() + pause
        parent, wake_at = FanOutId.parse(self.fan_out.id), self.engine.redelivery_at()
        with self.engine.database.statement() as connection:
            if not frames.settle(connection, parent.frame_id, parent.version, wake_at):
                raise Overtaken(self.fan_out.id)
