"""Language models behind one small interface (Contract 7.5)."""

from tasks.smart_statebag.workflow.llm.completion import (
    Completion,
    CompletionRequest,
    Provider,
    Usage,
)
from tasks.smart_statebag.workflow.llm.offline import OfflineProvider
from tasks.smart_statebag.workflow.llm.openai_compatible import OpenAICompatibleProvider
from tasks.smart_statebag.workflow.llm.selection import provider_named

__all__ = [
    "Completion",
    "CompletionRequest",
    "OfflineProvider",
    "OpenAICompatibleProvider",
    "Provider",
    "Usage",
    "provider_named",
]
