"""The id of a fan-out: the frame that fanned out, and the version it had from then on."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class FanOutId:
    """A fan-out's id, which the ledger and messages spell ``<frame id>-<version>``.

    Attributes:
        frame_id: The parent: the frame of the Parallel or Map state.
        version: The parent's version while it waits for its children.
    """

    frame_id: str
    version: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the id as the ledger spells it."""
        frame_id, _, version = text.rpartition("-")
        return cls(frame_id, int(version))

    def __str__(self) -> str:
        return f"{self.frame_id}-{self.version}"
