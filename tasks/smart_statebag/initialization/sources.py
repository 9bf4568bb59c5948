"""Where the configuration, the map and the first state come from (Contract 6.1)."""

from dataclasses import dataclass

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.errors import ConfigProblem, InvalidWorkflowConfig
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.initialization.request import InitRequest
from tasks.smart_statebag.initialization.tools import LoadWorkflow
from tasks.smart_statebag.workflow.nodes.protected_keys import without_reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A configuration as given, and the map that came with it, or null."""

    configuration: JsonObject
    partition_map: Json


def find_configuration(
    request: InitRequest, access: BagAccess, load_workflow: LoadWorkflow
) -> Found:
    """The injected configuration, else that of the input, else that of the workflows table.

    Raises:
        InvalidWorkflowConfig: There is none.
    """
    given = request.input
    if request.injected:
        return Found(
            configuration=_configuration(_inline_or_stored(given, "test_workflow_config", access)),
            partition_map=None,
        )
    own_map = given.get("partition_map")
    inline = _inline_or_stored(given, "workflow_config", access)
    if inline is not None:
        return Found(configuration=_configuration(inline), partition_map=own_map)
    row = load_workflow(str(given["ownerId"]), str(given["workflowId"])) or {}
    return Found(
        configuration=_configuration(row.get("config")),
        partition_map=row.get("partition_map") if own_map is None else own_map,
    )


def first_state(request: InitRequest, configuration: JsonObject, access: BagAccess) -> JsonObject:
    """The configuration's initial state below the execution's, without reserved keys."""
    layers = [
        _stored(holder.get("initial_state_s3_path"), access) or {}
        if name == "initial_state_s3_path"
        else access.hydrator.hydrate(holder.get(name)) or {}
        for holder in (configuration, request.input)
        for name in ("initial_state_s3_path", "initial_state")
    ]
    state: JsonObject = {}
    for layer in layers:
        if not isinstance(layer, dict):
            problem = ConfigProblem(place="/initial_state", message="is not an object")
            raise InvalidWorkflowConfig((problem,))
        state.update(layer)
    return without_reserved(state)


def _inline_or_stored(holder: JsonObject, name: str, access: BagAccess) -> Json:
    inline = holder.get(name)
    if inline is not None:
        return access.hydrator.hydrate(inline)
    return _stored(holder.get(f"{name}_s3_path"), access)


def _stored(path: Json, access: BagAccess) -> Json:
    return None if path is None else access.hydrator.load_whole(path)


def _configuration(value: Json) -> JsonObject:
    if isinstance(value, dict) and value.get("nodes"):
        return value
    problem = ConfigProblem(place="", message="there is no configuration with nodes")
    raise InvalidWorkflowConfig((problem,))
