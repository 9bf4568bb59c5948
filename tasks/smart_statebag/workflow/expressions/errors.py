"""The errors of an expression: in its syntax, or in the types it meets."""


class ExpressionSyntaxError(ValueError):
    """The text is not an expression; Init rejects the configuration that holds it."""

    def __init__(self, text: str, position: int, reason: str) -> None:
        super().__init__(text, position, reason)
        self.text = text
        self.position = position
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason} at character {self.position} of {self.text[:200]!r}"


class ExpressionTypeError(Exception):
    """An operator does not accept its operands; the node that evaluates it fails."""

    def __init__(self, operator: str, left: str, right: str) -> None:
        super().__init__(operator, left, right)
        self.operator = operator
        self.left = left
        self.right = right

    def __str__(self) -> str:
        return f"{self.operator} does not take {self.left} and {self.right}"
