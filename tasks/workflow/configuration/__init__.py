"""Workflow configurations: normalised and checked before anything runs (Contract 6.3, 6.5)."""

from tasks.workflow.configuration.limits import Limits
from tasks.workflow.configuration.normalisation import normalise

__all__ = ["Limits", "normalise"]
