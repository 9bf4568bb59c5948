"""The listed functions, found by any reference that Lambda allows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.integrations.functions.function import Function
from pipeline.integrations.functions.function_reference import (
    FunctionReference,
    parse_function_reference,
)


class FunctionNotFound(Exception):
    """No function has this name or ARN."""

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
        """The function that a reference names.

        Args:
            reference: ``name``, ``name:qualifier``, a partial or a full function ARN.

        Raises:
            FunctionNotFound: No function has this name, or the text is not a reference.
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
        """Prefers tables with an ARN for a reference with an account, else plain names."""
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
