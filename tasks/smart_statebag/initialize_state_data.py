"""InitializeStateData: the bag an execution begins with (Contract 6.1)."""

from typing import Any

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.idempotency import claim_execution
from tasks.smart_statebag.initialization.initialise import initialise
from tasks.smart_statebag.initialization.stored_workflows import load_workflow
from tasks.smart_statebag.initialization.tools import InitTools


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """The bag of Contract 2.1, flat."""
    return initialise(event, InitTools(load_workflow=load_workflow, claim=claim_execution))
