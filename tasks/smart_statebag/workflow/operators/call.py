"""The input of a strategy, and its error."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.state_view import StateView


class StrategyError(Exception):
    """A strategy does not accept its input or a parameter."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyCall:
    """The input of a strategy: a value, rendered parameters, and what makes it repeatable.

    ``seed`` names this call within its execution; ``now`` is in epoch seconds.
    """

    value: Json
    params: JsonObject
    view: StateView
    seed: str
    now: float

    def text(self) -> str:
        """The value as text; null is the empty text."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise StrategyError("the input is not a string")
        return self.value

    def elements(self) -> list[Json]:
        """The value as a list; null is the empty list."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise StrategyError("the input is not a list")
        return self.value

    def members(self) -> JsonObject:
        """The value as an object; null is the empty object."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise StrategyError("the input is not an object")
        return self.value

    def number(self) -> float:
        """The value as a number."""
        return as_number(self.value, "the input")

    def text_param(self, name: str, default: str | None = None) -> str:
        """A parameter that is text."""
        value = self.params.get(name, default)
        if not isinstance(value, str):
            raise StrategyError(f"the parameter {name} is not a string")
        return value

    def whole_param(self, name: str, default: int | None = None) -> int:
        """A parameter that is a whole number."""
        value = self.params.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise StrategyError(f"the parameter {name} is not a whole number")
        return value

    def number_param(self, name: str) -> float:
        """A parameter that is a number."""
        return as_number(self.params.get(name), f"the parameter {name}")

    def list_param(self, name: str) -> list[Json]:
        """A parameter that is a list."""
        value = self.params.get(name)
        if not isinstance(value, list):
            raise StrategyError(f"the parameter {name} is not a list")
        return value


Strategy: TypeAlias = Callable[[StrategyCall], Json]


def as_number(value: Json, what: str) -> float:
    """A JSON number, booleans excluded."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise StrategyError(f"{what} is not a number")
    return value
