"""The reader that parses every object of a definition."""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import TypeVar

from pipeline.language.errors import SCHEMA_VALIDATION_FAILED, InvalidExpression, Problem
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.parsing.did_you_mean import did_you_mean
from pipeline.language.places import below
from pipeline.language.query.payload_template import PayloadTemplate, parse_payload_template
from pipeline.language.query_language import QueryLanguage, language_of_field

Parsed = TypeVar("Parsed")
JsonType = TypeVar("JsonType", bool, int, str, list[Json], JsonObject)

MAX_INTEGER = 99_999_999
"""The largest number of seconds, attempts or items that AWS allows in a definition."""

TYPE_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}


class ObjectReader:
    """One JSON object of a definition: reads its fields by name, and reports problems.

    An absent or wrong field reads as None, a required one as an empty value. Each fault is added to
    ``problems``, for which the parser rejects the definition in the end. Every name that was read
    is a known field; ``reject_unknown_fields`` reports the others.

    Attributes:
        fields: The object.
        place: Its JSON pointer.
        problems: The problems so far; all readers of a definition share them.
        language: The query language of the fields and of nested objects.
        within: The object's place in its state: empty for the state itself,
            ``ItemReader/ReaderConfig/`` for a part of it.
    """

    def __init__(
        self,
        fields: JsonObject,
        place: str,
        problems: list[Problem],
        language: QueryLanguage = QueryLanguage.JSON_PATH,
        *,
        within: str = "",
    ) -> None:
        self.fields = fields
        self.place = place
        self.problems = problems
        self.language = language
        self.within = within
        self._known: set[str] = set()

    def __contains__(self, name: str) -> bool:
        self._known.add(name)
        return name in self.fields

    def problem(self, message: str, *path: str | int, code: str = SCHEMA_VALIDATION_FAILED) -> None:
        """Report a problem of this object, or of the value at a path inside it."""
        self.problems.append(Problem(reduce(below, path, self.place), message, code))

    def value(self, name: str) -> Json:
        """The field's value; None if it is absent or null."""
        return self.fields[name] if name in self else None

    def require(self, name: str) -> bool:
        """Whether the field is present. Reports its absence."""
        if name not in self:
            self.problem(f"These fields are required: [{name}]")
        return name in self

    def at_most_one(self, *names: str) -> None:
        """Report fields that exclude each other."""
        if len(given := [name for name in names if name in self]) > 1:
            listed = " and ".join(f"'{name}'" for name in given)
            self.problem(f"{listed} exclude each other")

    def exactly_one(self, *names: str) -> None:
        """Report fields that exclude each other, or the absence of all of them."""
        self.at_most_one(*names)
        if not any(name in self for name in names):
            listed = ", ".join(f"'{name}'" for name in names)
            self.problem(f"One of the fields {listed} is needed")

    def text(self, name: str) -> str | None:
        """A string."""
        return self._typed(name, str)

    def required_text(self, name: str) -> str:
        """A required string, which must not be empty; empty after a problem."""
        text = self.text(name) if self.require(name) else None
        if text == "":
            self.problem(f"'{name}' must not be empty", name)
        return text or ""

    def texts(self, name: str) -> tuple[str, ...]:
        """An array of strings; empty if the field is absent or wrong."""
        elements = self._typed(name, list) or []
        for index, element in enumerate(elements):
            if not isinstance(element, str):
                self._wrong_type(element, str, name, index)
        return tuple(element for element in elements if isinstance(element, str))

    def boolean(self, name: str) -> bool | None:
        """A boolean."""
        return self._typed(name, bool)

    def integer(self, name: str, *, minimum: int, maximum: int = MAX_INTEGER) -> int | None:
        """An integer within inclusive limits."""
        value = self._typed(name, int)
        if value is None or minimum <= value <= maximum:
            return value
        self.problem(f"'{name}' must be from {minimum} to {maximum}, not {value}", name)
        return None

    def number(self, name: str, *, minimum: float, maximum: float = MAX_INTEGER) -> float | None:
        """A number within inclusive limits."""
        if name not in self:
            return None
        value = self.fields[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong_type(value, float, name)
        elif minimum <= value <= maximum:
            return float(value)
        else:
            self.problem(f"'{name}' must be from {minimum:g} to {maximum:.10g}, not {value}", name)
        return None

    def one_of(self, name: str, allowed: Iterable[str]) -> str | None:
        """One of some fixed texts."""
        value = self.text(name)
        if value is None or value in allowed:
            return value
        listed = " or ".join(f"'{text}'" for text in allowed)
        self.problem(f"'{name}' must be {listed}, not '{value}'", name)
        return None

    def expression(self, name: str, parse: Callable[[str], Parsed]) -> Parsed | None:
        """A text, parsed by a parser of the query language."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return parse(text)
        except InvalidExpression as error:
            self.problem(str(error), name)
            return None

    def payload_template(self, name: str, *, of_any_type: bool = False) -> PayloadTemplate | None:
        """A payload template, which is an object unless it may be of any type."""
        if name not in self:
            return None
        if not of_any_type and self._typed(name, dict) is None:
            return None
        return parse_payload_template(self.fields[name], below(self.place, name), self.problems)

    def object(self, name: str) -> "ObjectReader | None":
        """A reader of a nested object."""
        fields = self._typed(name, dict)
        if fields is None:
            return None
        return self._reader(fields, name)

    def objects(self, name: str) -> "list[ObjectReader]":
        """Readers of an array of objects; empty if the field is absent or wrong."""
        readers = []
        for index, element in enumerate(self._typed(name, list) or ()):
            if isinstance(element, dict):
                readers.append(self._reader(element, name, index))
            else:
                self._wrong_type(element, dict, name, index)
        return readers

    def reject_unknown_fields(self, owner: str) -> None:
        """Report every field that was not read.

        Args:
            owner: The kind of this object, with its article: ``a Pass state``.
        """
        for name in [name for name in self.fields if name not in self._known]:
            if (language := language_of_field(name)) in {None, self.language}:
                hint = did_you_mean(name, self._known - self.fields.keys())
                self.problem(f"'{name}' is not a field of {owner}{hint}", name)
            else:
                self.problem(
                    f"'{name}' is a field of {language}, but the query language here is"
                    f" {self.language}",
                    name,
                )

    def _reader(self, fields: JsonObject, *path: str | int) -> "ObjectReader":
        return ObjectReader(
            fields,
            reduce(below, path, self.place),
            self.problems,
            self.language,
            within=self.within + "".join(f"{token}/" for token in path),
        )

    def _typed(self, name: str, expected: type[JsonType]) -> JsonType | None:
        if name not in self:
            return None
        value = self.fields[name]
        # In JSON, unlike Python, true is not an integer.
        if isinstance(value, expected) and isinstance(value, bool) is (expected is bool):
            return value
        self._wrong_type(value, expected, name)
        return None

    def _wrong_type(self, value: Json, expected: type, *path: str | int) -> None:
        field = "/".join(str(token) for token in path)
        self.problem(
            f"'{field}' must be {TYPE_NAMES[expected]}, not {TYPE_NAMES[type(value)]}", *path
        )
