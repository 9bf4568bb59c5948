"""The Fail state: ends its scope with an error."""

from dataclasses import dataclass

from pipeline.language.query.intrinsic_functions import IntrinsicCall
from pipeline.language.query.json_path import JsonPath
from pipeline.language.states.common import StateFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(StateFields):
    """A Fail state; each field is the text, an expression that gives it, or None."""

    error: str | JsonPath | IntrinsicCall | None
    cause: str | JsonPath | IntrinsicCall | None
