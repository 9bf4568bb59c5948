"""The ids of fan-outs and of their children."""

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


@dataclass(frozen=True, slots=True)
class ChildId:
    """The id of a child frame, which the ledger and messages spell ``<fan-out id>.<position>``.

    Attributes:
        fan_out_id: Its fan-out, as text.
        position: The number of its branch, item or batch, from 0.
    """

    fan_out_id: str
    position: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the id as the ledger spells it."""
        fan_out_id, _, position = text.rpartition(".")
        return cls(fan_out_id, int(position))

    def __str__(self) -> str:
        return f"{self.fan_out_id}.{self.position}"
