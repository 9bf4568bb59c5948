"""The expression language of conditions: no calls, no attributes (Contract 6.5)."""

from tasks.smart_statebag.workflow.expressions.errors import (
    ExpressionSyntaxError,
    ExpressionTypeError,
)
from tasks.smart_statebag.workflow.expressions.evaluation import evaluate, is_true
from tasks.smart_statebag.workflow.expressions.parser import parse_expression, parse_path

__all__ = [
    "ExpressionSyntaxError",
    "ExpressionTypeError",
    "evaluate",
    "is_true",
    "parse_expression",
    "parse_path",
]
