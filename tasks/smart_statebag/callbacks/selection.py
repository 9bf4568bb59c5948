"""Which engine answers tokens: the process's own, the one a setting names, or the API."""

import importlib
import os
from typing import Any

from tasks.smart_statebag.bag.errors import MissingSetting
from tasks.smart_statebag.callbacks.in_process import InProcessEngine
from tasks.smart_statebag.callbacks.interface import Callbacks, StateMachines
from tasks.smart_statebag.callbacks.step_functions import StepFunctionsApi, step_functions_api
from tasks.smart_statebag.process_services import process_services

ENGINE = "CALLBACK_ENGINE"
"""Setting: ``module:attribute``, an object with the methods of an engine in this process."""
ENDPOINTS = ("AWS_ENDPOINT_URL_SFN", "AWS_ENDPOINT_URL")


def callbacks() -> Callbacks:
    """The engine that answers task tokens."""
    return _engine()


def state_machines() -> StateMachines:
    """The engine that describes executions."""
    return _engine()


def _engine() -> InProcessEngine | StepFunctionsApi:
    own = process_services().engine
    if own is not None:
        return InProcessEngine(own)
    named = os.environ.get(ENGINE)
    if named:
        return InProcessEngine(_imported(named))
    return step_functions_api(next((os.environ[e] for e in ENDPOINTS if os.environ.get(e)), ""))


def _imported(name: str) -> Any:
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise MissingSetting(ENGINE, reason=f"names {name!r}, which does not exist") from error
