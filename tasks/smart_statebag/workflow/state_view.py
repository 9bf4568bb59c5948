"""A state as templates, expressions and nodes read it by paths (Contract 6.5)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tasks.smart_statebag.bag.json_value import Json, JsonObject

Path: TypeAlias = tuple[str | int, ...]
Resolve: TypeAlias = Callable[[Json], Json]


class Missing:
    """The value of a path that leads nowhere; unlike null, it is not a JSON value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


def unresolved(value: Json) -> Json:
    """The resolver of a state that holds no references."""
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class StateView:
    """A state whose offloaded values are fetched only when a path leads into them."""

    state: JsonObject
    resolve: Resolve = field(default=unresolved)

    def find(self, path: Path) -> "Json | Missing":
        """The value at a path, or ``MISSING``; the empty path is the whole state."""
        value: Json = self.state
        for element in path:
            found = _step(value, element)
            if isinstance(found, Missing):
                return MISSING
            value = self.resolve(found)
        return value

    def get(self, path: Path) -> Json:
        """The value at a path, null where there is none."""
        found = self.find(path)
        return None if isinstance(found, Missing) else found

    def over(self, names: JsonObject) -> "StateView":
        """The same state with some names laid over it."""
        return StateView(state={**self.state, **names}, resolve=self.resolve)


def _step(value: Json, element: str | int) -> "Json | Missing":
    if isinstance(value, dict) and isinstance(element, str):
        return value.get(element, MISSING)
    if isinstance(value, list) and isinstance(element, int) and -len(value) <= element < len(value):
        return value[element]
    return MISSING
