"""The policies of an execution whose bag does not carry them (Contract 4.7, 4.8)."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.json_value import Json, JsonObject

POLICIES = ("failure_policy", "merge_policy")


def policies_of(fields: JsonObject, access: BagAccess) -> JsonObject:
    """``failure_policy`` and ``merge_policy``: the call's, else the configuration's, else null."""
    given: JsonObject = {name: fields.get(name) for name in POLICIES}
    path = fields.get("workflow_config_s3_path")
    if path is None or None not in given.values():
        return given
    configuration: Json = access.hydrator.load_object(path)
    stored = configuration if isinstance(configuration, dict) else {}
    return {name: given[name] or stored.get(name) for name in POLICIES}
