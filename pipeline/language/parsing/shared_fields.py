"""The fields that several state types share, each group read in one place.

The groups are those of ``states.common``; each is handed out as the keyword arguments of its
dataclass.
"""

from typing import TypedDict

from pipeline.language.catchers import Catcher, parse_catch
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.retriers import Retrier, parse_retry


class StateArguments(TypedDict):
    """Of ``StateFields``."""

    name: str
    comment: str | None


class TransitionArguments(TypedDict):
    """Of ``Transition``."""

    next: str | None


class ErrorHandlingArguments(TypedDict):
    """Of ``ErrorHandling``."""

    retry: tuple[Retrier, ...]
    catch: tuple[Catcher, ...]


def read_state_fields(reader: ObjectReader, name: str) -> StateArguments:
    """What every state has; its ``Type`` and ``QueryLanguage`` have been read before."""
    return {"name": name, "comment": reader.text("Comment")}


def read_transition(reader: ObjectReader) -> TransitionArguments:
    """``Next`` or ``End``, of which a state has exactly one."""
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
