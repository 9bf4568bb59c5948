"""Catchers: where a state goes when an error was not retried (specification: "Fallback states")."""

from dataclasses import dataclass

from pipeline.language.query.reference_path import ReferencePath


@dataclass(frozen=True, slots=True, kw_only=True)
class Catcher:
    """One element of ``Catch``.

    Attributes:
        error_equals: Error names it matches.
        next: The state to go to.
        result_path: Where the error output goes in the raw input; None (``null``) discards it.
    """

    error_equals: tuple[str, ...]
    next: str
    result_path: ReferencePath | None
