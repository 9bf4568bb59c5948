"""The handler of StateDataManager and its two action tables (Contract 4.1, 11)."""

from collections.abc import Callable, Mapping
from typing import Any

from tasks.smart_statebag.bag.errors import InvalidInput, UnknownAction
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.state_data_manager.aggregate_branches import aggregate_branches
from tasks.smart_statebag.state_data_manager.aggregate_distributed import (
    aggregate_distributed_results,
)
from tasks.smart_statebag.state_data_manager.artefact import ARTEFACT
from tasks.smart_statebag.state_data_manager.calls import ActionTools
from tasks.smart_statebag.state_data_manager.create_snapshot import create_snapshot
from tasks.smart_statebag.state_data_manager.decompress import decompress
from tasks.smart_statebag.state_data_manager.merge_async import merge_async_result
from tasks.smart_statebag.state_data_manager.merge_callback import merge_callback_result
from tasks.smart_statebag.state_data_manager.sync import sync_state_data
from tasks.smart_statebag.state_data_manager.sync_branch import sync_branch_state
from tasks.smart_statebag.state_data_manager.update_and_compress import (
    update_and_compress_state_data,
)

Action = Callable[[JsonObject, ActionTools | None], Json]
ActionTable = Mapping[str, Action]

DEFAULT_ACTION = "update_and_compress"

ACTIONS: ActionTable = {
    "update_and_compress": update_and_compress_state_data,
    "sync": sync_state_data,
    "sync_branch": sync_branch_state,
    "aggregate_branches": aggregate_branches,
    "merge_callback": merge_callback_result,
    "merge_async": merge_async_result,
    "aggregate_distributed": aggregate_distributed_results,
    "create_snapshot": create_snapshot,
    "decompress": decompress,
}

ACTIONS_V2: ActionTable = {name: ACTIONS[name] for name in ("update_and_compress", "decompress")}
"""The actions of the artefact for rollback 2."""

ACTION_TABLES: Mapping[str, ActionTable] = {"v2": ACTIONS_V2, "v3": ACTIONS}


def lambda_handler(event: Json, context: Any = None) -> Json:
    """Run the action that ``event.action`` names, from the table of this artefact."""
    return dispatch(event, ACTION_TABLES[ARTEFACT])


def lambda_handler_v2(event: Json, context: Any = None) -> Json:
    """The handler of the v2 artefact, for a worker on premises that runs that generation."""
    return dispatch(event, ACTIONS_V2)


def dispatch(event: Json, actions: ActionTable, tools: ActionTools | None = None) -> Json:
    """Run an action from a table.

    Raises:
        UnknownAction: The table has no such action.
        InvalidInput: The event is not an object.
    """
    if not isinstance(event, dict):
        raise InvalidInput("event", "must be an object")
    action = event.get("action", DEFAULT_ACTION)
    run = actions.get(action) if isinstance(action, str) else None
    if run is None:
        raise UnknownAction(action, tuple(actions))
    return run(event, tools)
