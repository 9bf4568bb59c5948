"""Collecting everything wrong with a configuration, with its place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tasks.smart_statebag.bag.errors import (
    ConfigProblem,
    InvalidWorkflowConfig,
    UnsupportedTopology,
)
from tasks.smart_statebag.bag.json_value import Json, JsonObject


@dataclass(slots=True)
class Problems:
    """What was found so far; constructs that are valid but not supported are kept apart."""

    found: list[ConfigProblem] = field(default_factory=list)
    unsupported: list[UnsupportedTopology] = field(default_factory=list)

    def add(self, place: str, message: str) -> None:
        """Note a problem at a place (``/nodes/3/config``)."""
        self.found.append(ConfigProblem(place=place, message=message))

    def add_unsupported(self, place: str, reason: str) -> None:
        """Note a construct that is not supported where it stands."""
        self.unsupported.append(UnsupportedTopology(place, reason))

    def raise_any(self) -> None:
        """Reject the configuration with all its problems, if there are any."""
        if self.found:
            raise InvalidWorkflowConfig(tuple(self.found))
        if self.unsupported:
            raise self.unsupported[0]

    def object_at(self, holder: JsonObject, key: str, place: str) -> JsonObject:
        """A member that is an object; absent and null are the empty one."""
        value = holder.get(key)
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self.add(f"{place}/{key}", "is not an object")
        return {}

    def objects_at(self, holder: JsonObject, key: str, place: str) -> list[JsonObject]:
        """A member that is a list of objects; absent and null are the empty one."""
        value = holder.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.add(f"{place}/{key}", "is not a list")
            return []
        for index, element in enumerate(value):
            if not isinstance(element, dict):
                self.add(f"{place}/{key}/{index}", "is not an object")
        return [element for element in value if isinstance(element, dict)]

    def check_word(self, holder: JsonObject, key: str, place: str, words: Sequence[str]) -> None:
        """A member, if present, is one of some words."""
        value = holder.get(key)
        if value is not None and value not in words:
            self.add(f"{place}/{key}", f"is none of {', '.join(words)}")

    def check_whole(
        self, holder: JsonObject, key: str, place: str, *, least: int = 1, most: int | None = None
    ) -> None:
        """A member, if present, is a whole number within bounds."""
        value = holder.get(key)
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.add(f"{place}/{key}", f"is not a whole number of at least {least}")
        elif most is not None and value > most:
            self.add(f"{place}/{key}", f"is more than {most}")

    def check_parses(self, parse: Callable[[str], object], text: Json, place: str) -> None:
        """A member is a text that a parser accepts."""
        if not isinstance(text, str):
            self.add(place, "is not a string")
            return
        try:
            parse(text)
        except ValueError as error:
            self.add(place, str(error))
