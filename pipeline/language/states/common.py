"""The fields that several state types share.

A state type combines several of these classes. Python allows that only if at most one of them has
slots of its own, so they declare none; the state types, which are made with ``slots``, hold all
fields.
"""

from dataclasses import dataclass

from pipeline.language.catchers import Catcher
from pipeline.language.query.json_path import JsonPath
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.query.reference_path import ReferencePath
from pipeline.language.retriers import Retrier


@dataclass(frozen=True, kw_only=True)
class StateFields:
    """What every state has.

    Attributes:
        name: The state's name, its key in ``States``.
        comment: Free text for people, or None.
    """

    __slots__ = ()

    name: str
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Transition:
    """Where a state goes: the name of the next state, or None when it is an end state."""

    __slots__ = ()

    next: str | None


@dataclass(frozen=True, kw_only=True)
class InputOutput:
    """InputPath and OutputPath; None is the specification's ``null``, which gives ``{}``."""

    __slots__ = ()

    input_path: JsonPath | None
    output_path: JsonPath | None


@dataclass(frozen=True, kw_only=True)
class ResultFields:
    """How a result is shaped and where it is put.

    Attributes:
        parameters: Template of the effective input, or None for the input as it is.
        result_selector: Template of the effective result, or None for the result as it is.
        result_path: Where the result goes in the raw input; None (``null``) discards the result.
    """

    __slots__ = ()

    parameters: PayloadTemplate | None
    result_selector: PayloadTemplate | None
    result_path: ReferencePath | None


@dataclass(frozen=True, kw_only=True)
class ErrorHandling:
    """Retry and Catch, in document order."""

    __slots__ = ()

    retry: tuple[Retrier, ...]
    catch: tuple[Catcher, ...]
