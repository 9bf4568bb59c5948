"""The closed set of strategies of ``operator_official``, grouped by theme (Contract 6.5)."""

from collections.abc import Mapping
from types import MappingProxyType

from tasks.smart_statebag.workflow.operators.call import Strategy, StrategyCall, StrategyError
from tasks.smart_statebag.workflow.operators.conversions import CONVERSIONS
from tasks.smart_statebag.workflow.operators.decisions import DECISIONS
from tasks.smart_statebag.workflow.operators.encodings import ENCODINGS
from tasks.smart_statebag.workflow.operators.lists import LISTS
from tasks.smart_statebag.workflow.operators.mathematics import MATHEMATICS
from tasks.smart_statebag.workflow.operators.moments import MOMENTS
from tasks.smart_statebag.workflow.operators.objects import OBJECTS
from tasks.smart_statebag.workflow.operators.patterns import PATTERNS
from tasks.smart_statebag.workflow.operators.selections import SELECTIONS
from tasks.smart_statebag.workflow.operators.strings import STRINGS

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
