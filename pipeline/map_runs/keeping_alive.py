"""A stage of a map run that takes long tells the sweeper that it is not lost."""

import time
from dataclasses import dataclass, field

from pipeline.engine.engine import Engine
from pipeline.ledger import frames
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.rows import FanOutRow
from pipeline.ledger.transition import Overtaken

_FIRST_SECONDS = 1.0
"""Most stages do not take as long, and the sweeper should then look as soon as it does anywhere."""

_PAUSE_SECONDS = 2.0
"""Between two looks at most: a stage should not go on for long when its execution was stopped."""


@dataclass(slots=True)
class UnderWay:
    """To be called again and again while the stage is under way.

    The frame that fanned out is to be woken when the chain may have been lost. As long as the
    stage goes on that time is put off, or a second chain would do all of it once more.

    Attributes:
        engine: Whose sweeper it is.
        fan_out: The map run.
        next_at: Monotonic seconds from which the waking is put off again.
    """

    engine: Engine
    fan_out: FanOutRow
    next_at: float = field(default_factory=lambda: time.monotonic() + _FIRST_SECONDS)

    def __call__(self) -> None:
        """Put the waking off, unless the stage has just begun or that was done a moment ago.

        Raises:
            Overtaken: The map run is over: what the stage does is wanted no more.
        """
        if time.monotonic() < self.next_at:
            return
        pause = min(self.engine.settings.redelivery_seconds / 3, _PAUSE_SECONDS)
        self.next_at = time.monotonic() + pause
        parent, wake_at = FanOutId.parse(self.fan_out.id), self.engine.redelivery_at()
        with self.engine.database.statement() as connection:
            if not frames.settle(connection, parent.frame_id, parent.version, wake_at):
                raise Overtaken(self.fan_out.id)
