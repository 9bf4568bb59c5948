"""Conformance cases: a machine, its input, what its functions do, and what AWS makes of it.

Each case is a JSON file below ``cases/<part of the specification>/``:

- ``name``: what the case shows; ``section``: the section of the specification;
- ``definition``, ``input``;
- ``functions``: by name, the answers of its calls in order, the last one for all further calls:
  ``{"return": value}``, ``{"echo": true}`` or ``{"raise": {"errorType", "errorMessage"}}``;
- ``status``: SUCCEEDED, FAILED, or INVALID for a definition that is refused;
- ``output``, or ``error`` and (where it matters) ``cause``; of a refused one ``problems``, the
  JSON pointers of the places;
- ``history``: the types of all events in order, where the order is certain.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).with_name("cases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case; ``id`` is its file's place below ``cases``."""

    id: str
    content: Mapping[str, Any]

    @property
    def definition(self) -> dict[str, Any]:
        """The machine."""
        return dict(self.content["definition"])

    @property
    def functions(self) -> Mapping[str, list[dict[str, Any]]]:
        """The answers of each function."""
        return dict(self.content.get("functions", {}))

    @property
    def is_refused(self) -> bool:
        """Whether the definition is not to be taken at all."""
        return bool(self.content["status"] == "INVALID")


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case, in the order of the files' names."""
    return tuple(
        Case(
            id=path.relative_to(DIRECTORY).with_suffix("").as_posix(),
            content=json.loads(path.read_text()),
        )
        for path in sorted(DIRECTORY.rglob("*.json"))
    )


def cases_that_run() -> tuple[Case, ...]:
    """The cases whose definition is taken."""
    return tuple(case for case in all_cases() if not case.is_refused)


def check_ended(case: Case, *, status: str, output: Any, error: str | None, why: object) -> None:
    """Assert that an execution ended as the case says; ``why`` is for the failure's report."""
    content = case.content
    found = (status, output if status == "SUCCEEDED" else error or "")
    wanted = content["output"] if content["status"] == "SUCCEEDED" else content.get("error", "")
    assert found == (content["status"], wanted), why


def check_cause(case: Case, cause: str | None) -> None:
    """Assert that the cause is word for word as the case says, where it says so."""
    if "cause" in case.content:
        assert cause == case.content["cause"]


def check_history(case: Case, event_types: list[str]) -> None:
    """Assert that the history is as the case says, where it says so."""
    if "history" in case.content:
        assert event_types == case.content["history"]
