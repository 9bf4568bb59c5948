"""One metric (Contract 4.10)."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["Count", "Kilobytes", "Milliseconds", "Percent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One value; it has at most one dimension."""

    name: str
    value: float
    unit: Unit
    dimension: tuple[str, str] | None = None
