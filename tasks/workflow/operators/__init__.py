"""The closed set of strategies of ``operator_official``, grouped by theme (Contract 6.5)."""

from collections.abc import Mapping
from types import MappingProxyType

from tasks.workflow.operators.call import Strategy, StrategyCall, StrategyError
from tasks.workflow.operators.conversions import CONVERSIONS
from tasks.workflow.operators.decisions import DECISIONS
from tasks.workflow.operators.encodings import ENCODINGS
from tasks.workflow.operators.lists import LISTS
from tasks.workflow.operators.mathematics import MATHEMATICS
from tasks.workflow.operators.moments import MOMENTS
from tasks.workflow.operators.objects import OBJECTS
from tasks.workflow.operators.patterns import PATTERNS
from tasks.workflow.operators.selections import SELECTIONS
from tasks.workflow.operators.strings import STRINGS

STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        **OBJECTS,
        **LISTS,
        **SELECTIONS,
        **STRINGS,
        **PATTERNS,
        **CONVERSIONS,
        **DECISIONS,
        **ENCODINGS,
        **MATHEMATICS,
        **MOMENTS,
    }
)

DEFERRED_PARAMS: Mapping[str, str] = MappingProxyType(
    {
        "list_filter": "condition",
        "list_map": "template",
        "if_else": "condition",
        "assert": "condition",
    }
)
"""Parameters that a strategy evaluates itself, so they reach it as they are written."""

__all__ = ["DEFERRED_PARAMS", "STRATEGIES", "Strategy", "StrategyCall", "StrategyError"]
