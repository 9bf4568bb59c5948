"""The ids of the execution that a distributed function is called for."""

from tasks.smart_statebag.bag.json_value import Json, JsonObject

NAMES: dict[str, tuple[str, ...]] = {
    "ownerId": ("ownerId", "owner_id", "user_id"),
    "workflowId": ("workflowId", "workflow_id"),
    "execution_id": ("execution_id",),
}
"""The names of each id, the one of the bag first."""


def identity_of(*layers: Json) -> JsonObject:
    """The ids under their names in the bag, each from the first object that holds it."""
    objects = [layer for layer in layers if isinstance(layer, dict)]
    return {
        name: next(
            (each[alias] for each in objects for alias in aliases if each.get(alias) is not None),
            None,
        )
        for name, aliases in NAMES.items()
    }
