"""Language models behind one small interface (Contract 7.5)."""

from tasks.workflow.llm.completion import Completion, CompletionRequest, Provider, Usage
from tasks.workflow.llm.offline import OfflineProvider
from tasks.workflow.llm.openai_compatible import OpenAICompatibleProvider
from tasks.workflow.llm.selection import provider_named

__all__ = [
    "Completion",
    "CompletionRequest",
    "OfflineProvider",
    "OpenAICompatibleProvider",
    "Provider",
    "Usage",
    "provider_named",
]
