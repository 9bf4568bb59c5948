"""Choosing the provider of a node (Contract 7.5).

``LLM_BASE_URL``, ``LLM_API_KEY``, ``LLM_MODEL`` describe the default endpoint; a node's provider
``mistral`` reads ``LLM_BASE_URL_MISTRAL`` and so on first.
"""

import os
import re
from collections.abc import Mapping

from tasks.smart_statebag.workflow.llm.completion import Provider
from tasks.smart_statebag.workflow.llm.offline import OfflineProvider
from tasks.smart_statebag.workflow.llm.openai_compatible import (
    DEFAULT_TIMEOUT,
    OpenAICompatibleProvider,
)
from tasks.smart_statebag.workflow.node_errors import NodeError

OFFLINE = "offline"
ON_AWS = "AWS_LAMBDA_FUNCTION_NAME"


def provider_named(
    name: str | None, *, mock: bool, settings: Mapping[str, str] | None = None
) -> Provider:
    """The provider of a name; offline in mock mode, and off AWS where no endpoint is set.

    Raises:
        NodeError: On AWS, no endpoint is set, and the offline provider would make up answers.
    """
    values = os.environ if settings is None else settings
    base_url = _setting(values, "LLM_BASE_URL", name)
    if mock or name == OFFLINE or (not base_url and ON_AWS not in values):
        return OfflineProvider()
    if not base_url:
        raise NodeError("LLMNotConfigured", f"LLM_BASE_URL is not set for provider {name!r}")
    return OpenAICompatibleProvider(
        base_url=base_url,
        model=_setting(values, "LLM_MODEL", name) or "default",
        api_key=_setting(values, "LLM_API_KEY", name),
        name=name or "openai_compatible",
        timeout=float(values.get("LLM_TIMEOUT_SECONDS") or DEFAULT_TIMEOUT),
    )


def _setting(values: Mapping[str, str], variable: str, name: str | None) -> str | None:
    suffix = re.sub(r"\W", "_", name or "").upper()
    return (values.get(f"{variable}_{suffix}") if suffix else None) or values.get(variable)
