"""The ids of events, and of the event that each one follows, in the order of the commits.

AWS's ``previousEventId`` is the event before in the same branch or iteration, with these rules:

- The event after ExecutionStarted follows none.
- No event of a frame follows a dead end (MapIterationSucceeded, MapStateSucceeded, ...): what
  comes next follows the event before it.
- An iteration that starts when another has ended follows the last event of that one's states, as
  if one lane took both; otherwise it follows the event that started the fan-out.
- What joins iterations follows the last MapIterationSucceeded, or the event before a
  MapIterationFailed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pipeline.language.history_event import DEAD_ENDS, ITERATION_SUCCEEDED, HistoryEvent

_START = 1
"""Id of ExecutionStarted."""


class Batch(Protocol):
    """Events of one frame that follow each other."""

    @property
    def frame_id(self) -> str:
        """The frame."""

    @property
    def parent_id(self) -> str | None:
        """The frame whose fan-out it belongs to, or None."""

    @property
    def ends(self) -> bool:
        """Whether these are the frame's last events."""

    @property
    def dead_end(self) -> str | None:
        """Type of the last event if no event of the frame can follow it."""


class FirstIds(NamedTuple):
    """Of a batch's first event: its own id, and the id of the event that it follows."""

    first: int
    previous: int


def numbered(
    events: Sequence[HistoryEvent], ids: FirstIds
) -> Iterator[tuple[HistoryEvent, int, int]]:
    """The events of a batch, each with its id and the id of the event that it follows."""
    previous = ids.previous
    for number, event in enumerate(events, ids.first):
        yield event, number, 0 if previous == _START else previous
        if event.type not in DEAD_ENDS:
            previous = number


@dataclass(slots=True)
class Numbering:
    """Numbers one batch after another.

    Attributes:
        count: Events numbered so far.
        last: Of each frame, the event that its next one follows.
        joined: For a frame whose children have ended, what its next event follows: an event of
            the child that ended last.
        left: For a frame whose Map runs, the last events of iterations that have ended, which
            no other iteration follows yet.
    """

    count: int = 0
    last: dict[str, int] = field(default_factory=dict)
    joined: dict[str, int] = field(default_factory=dict)
    left: dict[str, list[int]] = field(default_factory=dict)

    def number(self, batch: Batch, length: int) -> FirstIds:
        """Number the next batch.

        Args:
            batch: The events.
            length: How many they are.
        """
        ids = FirstIds(self.count + 1, self._previous(batch))
        self.count += length
        self.left.pop(batch.frame_id, None)
        self.last[batch.frame_id] = last = self._last(batch, length, ids)
        # A child execution has a history of its own, where its parent is not found, and may be
        # redriven after its end.
        if batch.ends and batch.parent_id in self.last:
            del self.last[batch.frame_id]
            self.joined[batch.parent_id] = last
            if batch.dead_end == ITERATION_SUCCEEDED:
                self.joined[batch.parent_id] = self.count
                self.left.setdefault(batch.parent_id, []).append(last)
        return ids

    def _last(self, batch: Batch, length: int, ids: FirstIds) -> int:
        """What the frame's next event follows."""
        if batch.dead_end is None:
            return self.count
        return self.count - 1 if length > 1 else ids.previous

    def _previous(self, batch: Batch) -> int:
        """What the batch's first event follows."""
        frame_id, parent_id = batch.frame_id, batch.parent_id
        if frame_id in self.joined:
            return self.joined.pop(frame_id)
        if frame_id in self.last:
            return self.last[frame_id]
        if parent_id is None:
            return 0
        if left := self.left.get(parent_id):
            return left.pop()
        # The parent of a child execution is in another history.
        return self.last.get(parent_id, 0)
