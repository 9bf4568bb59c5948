"""Conditions of workflows: their own small language, no calls, no attributes (Contract 6.5)."""

from tasks.workflow.expressions.errors import ExpressionSyntaxError, ExpressionTypeError
from tasks.workflow.expressions.evaluation import evaluate, is_true
from tasks.workflow.expressions.parser import parse_expression, parse_path

__all__ = [
    "ExpressionSyntaxError",
    "ExpressionTypeError",
    "evaluate",
    "is_true",
    "parse_expression",
    "parse_path",
]
