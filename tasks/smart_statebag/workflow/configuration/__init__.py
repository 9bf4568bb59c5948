"""Workflow configurations: normalised and checked before anything runs (Contract 6.3, 6.5)."""

from tasks.smart_statebag.workflow.configuration.limits import Limits
from tasks.smart_statebag.workflow.configuration.normalisation import normalise

__all__ = ["Limits", "normalise"]
