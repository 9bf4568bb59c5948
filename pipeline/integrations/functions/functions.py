"""The functions that are known, found by any reference that Lambda understands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.integrations.functions.function import Function
from pipeline.integrations.functions.function_reference import (
    FunctionReference,
    parse_function_reference,
)


class FunctionNotFound(Exception):
    """No function is known by this reference."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    def __str__(self) -> str:
        return f"Function not found: {self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Functions:
    """Functions by their name or whole ARN, as the functions file spells it."""

    by_name: Mapping[str, Function]

    def __iter__(self) -> Iterator[Function]:
        return iter(self.by_name.values())

    def find(self, reference: str) -> Function:
        """The function that a reference means.

        Args:
            reference: ``name``, ``name:qualifier``, a partial or a full function ARN.

        Raises:
            FunctionNotFound: Nothing of that name is known, or the reference is none.
        """
        parsed = parse_function_reference(reference)
        if parsed is None:
            raise FunctionNotFound(reference)
        exact = self.by_name.get(parsed.unqualified)
        function = exact or self._find_loosely(parsed)
        if function is None:
            raise FunctionNotFound(reference)
        return function

    def _find_loosely(self, reference: FunctionReference) -> Function | None:
        """By ARN tables for an account's reference, by plain tables for a plain one, or either."""
        named = self.by_name.get(reference.name)
        arns = [
            function
            for name, function in self.by_name.items()
            if name.startswith("arn:") and _may_mean(reference, name)
        ]
        by_arn = arns[0] if len(arns) == 1 else None
        return (by_arn or named) if reference.account_id else (named or by_arn)


def _may_mean(reference: FunctionReference, arn: str) -> bool:
    parsed = parse_function_reference(arn)
    return (
        parsed is not None
        and parsed.name == reference.name
        and reference.account_id in (None, parsed.account_id)
        and reference.region in (None, parsed.region)
    )
