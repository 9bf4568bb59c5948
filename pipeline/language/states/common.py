"""The fields that several state types share.

A state type combines several of these classes. Python allows that only if at most one of them has
slots of its own, so they have none; the state types have ``slots`` for all fields.
"""

from dataclasses import dataclass

from pipeline.language.catchers import Catcher
from pipeline.language.data_flow import DataFlow
from pipeline.language.retriers import Retrier


@dataclass(frozen=True, kw_only=True)
class StateFields:
    """The fields of every state.

    Attributes:
        name: The state's name, its key in ``States``.
        comment: Free text for people, or None.
    """

    __slots__ = ()

    name: str
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Transition:
    """The name of the next state, or None for an end state."""

    __slots__ = ()

    next: str | None


@dataclass(frozen=True, kw_only=True)
class InputOutput:
    """The data flow of the state, in its query language."""

    __slots__ = ()

    flow: DataFlow


@dataclass(frozen=True, kw_only=True)
class ErrorHandling:
    """Retry and Catch, in document order."""

    __slots__ = ()

    retry: tuple[Retrier, ...]
    catch: tuple[Catcher, ...]
