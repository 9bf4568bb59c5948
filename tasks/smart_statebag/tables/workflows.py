"""The stored workflows (Contract 6.1)."""

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.tables.schemas import WORKFLOWS
from tasks.smart_statebag.tables.selection import open_table


def load_workflow(owner_id: str, workflow_id: str) -> JsonObject | None:
    """The row of an owner's workflow, ``{config, partition_map}``; None if there is none."""
    return open_table(WORKFLOWS).get({"ownerId": owner_id, "workflowId": workflow_id})
