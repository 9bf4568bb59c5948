"""The order of initialisation: validate, partition, choose, write, claim (Contract 6.1)."""

from tasks.smart_statebag.bag.errors import StorageUnavailable
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.initialization.first_bag import first_bag, identity_of
from tasks.smart_statebag.initialization.plan import Plan
from tasks.smart_statebag.initialization.request import InitRequest
from tasks.smart_statebag.initialization.sources import find_configuration, first_state
from tasks.smart_statebag.initialization.tools import InitTools
from tasks.smart_statebag.workflow.configuration import normalise


def initialise(event: Json, tools: InitTools) -> JsonObject:
    """The bag of an execution, flat.

    Raises:
        InvalidInput, InvalidWorkflowConfig, CycleDetected, UnsupportedTopology, TooManyBranches:
            The input does not describe an execution that can run.
        DuplicateExecution: Another execution holds the idempotency key.
        StorageUnavailable: S3 or a table did not answer.
    """
    request = InitRequest.of(event)
    identity = identity_of(request)
    access = tools.access(identity)
    found = find_configuration(request, access, tools.load_workflow)
    plan = Plan.of(request, normalise(found.configuration), found.partition_map)
    bag = first_bag(request, plan, first_state(request, plan.configuration, access), access)
    if request.idempotency_key is not None:
        _claim(request, bag, tools)
    return bag


def _claim(request: InitRequest, bag: JsonObject, tools: InitTools) -> None:
    try:
        tools.claim(bag)
    except StorageUnavailable:
        if not request.unsafe_allowed:
            raise
