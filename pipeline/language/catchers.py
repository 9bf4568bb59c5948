"""Catchers: the state that follows an error without a retry (specification: "Fallback states")."""

from dataclasses import dataclass

from pipeline.language.data_flow import DataFlow
from pipeline.language.error_equals import matches, parse_error_equals
from pipeline.language.json_value import JsonObject
from pipeline.language.parsing.data_flow import read_catcher_flow
from pipeline.language.parsing.object_reader import ObjectReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Catcher:
    """One element of ``Catch``.

    Attributes:
        error_equals: The error names that it matches.
        next: The state to go to.
        flow: The data flow of the error output, which takes the place of a result.
    """

    error_equals: tuple[str, ...]
    next: str
    flow: DataFlow


def find(catch: tuple[Catcher, ...], error: str) -> Catcher | None:
    """The first catcher that matches the error, or None."""
    return next((catcher for catcher in catch if matches(catcher.error_equals, error)), None)


def error_output(error: str, cause: str) -> JsonObject:
    """The result of a state whose error was caught."""
    return {"Error": error, "Cause": cause}


def parse_catch(reader: ObjectReader) -> tuple[Catcher, ...]:
    """Parse the ``Catch`` field of a state."""
    elements = reader.objects("Catch")
    return tuple(_parse_catcher(element, is_last=element is elements[-1]) for element in elements)


def _parse_catcher(reader: ObjectReader, *, is_last: bool) -> Catcher:
    reader.text("Comment")
    catcher = Catcher(
        error_equals=parse_error_equals(reader, is_last=is_last),
        next=reader.required_text("Next"),
        flow=read_catcher_flow(reader),
    )
    reader.reject_unknown_fields("a catcher")
    return catcher
