"""The Succeed state: ends its scope successfully."""

from dataclasses import dataclass

from pipeline.language.states.common import InputOutput, StateFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(StateFields, InputOutput):
    """A Succeed state."""
