"""The parsed form of an expression."""

from dataclasses import dataclass
from typing import TypeAlias

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.state_view import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A value written in the expression."""

    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class PathOperand:
    """A path into the state; null where it leads nowhere."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined:
    """``path is defined``: true for a null that is present."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """``not operand``."""

    operand: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logical:
    """Operands joined by one of ``and``, ``or``; evaluated from the left until decided."""

    operator: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``left operator right``."""

    operator: str
    left: "Expression"
    right: "Expression"


Expression: TypeAlias = Literal | PathOperand | Defined | Not | Logical | Comparison
