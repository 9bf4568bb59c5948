"""The fields that several state types share; each group is read in one place.

The groups are those of ``states.common``. Each function returns the keyword arguments of its
dataclass.
"""

from typing import TypedDict

from pipeline.language.catchers import Catcher, parse_catch
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.retriers import Retrier, parse_retry


class StateArguments(TypedDict):
    """The arguments of ``StateFields``."""

    name: str
    comment: str | None


class TransitionArguments(TypedDict):
    """The arguments of ``Transition``."""

    next: str | None


class ErrorHandlingArguments(TypedDict):
    """The arguments of ``ErrorHandling``."""

    retry: tuple[Retrier, ...]
    catch: tuple[Catcher, ...]


def read_state_fields(reader: ObjectReader, name: str) -> StateArguments:
    """The fields of every state, except ``Type`` and ``QueryLanguage``, which have been read."""
    return {"name": name, "comment": reader.text("Comment")}


def read_transition(reader: ObjectReader) -> TransitionArguments:
    """``Next`` or ``End``; a state has exactly one of them."""
    target = reader.text("Next")
    end = reader.boolean("End")
    if "Next" in reader and end:
        reader.problem("'Next' and 'End' exclude each other")
    elif "Next" not in reader and ("End" not in reader or end is False):
        reader.problem("The state must have 'Next' or 'End': true")
    return {"next": target}


def read_error_handling(reader: ObjectReader) -> ErrorHandlingArguments:
    """``Retry`` and ``Catch``."""
    return {"retry": parse_retry(reader), "catch": parse_catch(reader)}
