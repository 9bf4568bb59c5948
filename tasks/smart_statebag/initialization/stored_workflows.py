"""Configurations in the workflows table (Contract 6.1)."""

from tasks.smart_statebag.bag.errors import MissingSetting
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.tables import WORKFLOWS, open_table


def load_workflow(owner_id: str, workflow_id: str) -> JsonObject | None:
    """``{config, partition_map}`` of a stored workflow; None where there is none."""
    try:
        table = open_table(WORKFLOWS)
    except MissingSetting:
        return None  # without a table there are no stored workflows
    return table.get({"ownerId": owner_id, "workflowId": workflow_id})
