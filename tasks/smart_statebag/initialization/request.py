"""The event of InitializeStateData (Contract 6.1)."""

from dataclasses import dataclass

from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import execution_name
from tasks.smart_statebag.workflow.strategy import DISTRIBUTED, STANDARD

WRAPPED_KEYS = frozenset({"input", "execution_id", "execution_name", "machine"})
CONFIGURATION_FIELDS = (
    "test_workflow_config",
    "test_workflow_config_s3_path",
    "workflow_config",
    "workflow_config_s3_path",
    "initial_state",
    "initial_state_s3_path",
    "partition_map",
)
"""Fields of the input that the bag keeps elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitRequest:
    """An execution's input, its id and name, and the kind of its machine."""

    input: JsonObject
    execution_id: str
    execution_name: str
    machine: str

    @classmethod
    def of(cls, event: Json) -> "InitRequest":
        """Read an event; with any key besides the four it is the input itself.

        Raises:
            InvalidInput: The owner, the workflow or the execution is missing, or the machine is
                of no known kind.
        """
        if not isinstance(event, dict):
            raise InvalidInput("event", "must be an object")
        wrapped = event.keys() <= WRAPPED_KEYS and "input" in event
        given = event["input"] if wrapped else event
        if not isinstance(given, dict):
            raise InvalidInput("input", "must be an object")
        for name in ("ownerId", "workflowId"):
            _required(given, name)
        execution_id = _required(event, "execution_id")
        machine = event.get("machine") or STANDARD
        if machine not in (STANDARD, DISTRIBUTED):
            raise InvalidInput("machine", f"must be {STANDARD} or {DISTRIBUTED}")
        own_name = event.get("execution_name")
        return cls(
            input=given,
            execution_id=execution_id,
            execution_name=own_name if isinstance(own_name, str) else execution_name(execution_id),
            machine=machine,
        )

    @property
    def mock(self) -> bool:
        return self.input.get("MOCK_MODE") in (True, "true")

    @property
    def unsafe_allowed(self) -> bool:
        return self.input.get("ALLOW_UNSAFE_EXECUTION") in (True, "true")

    @property
    def injected(self) -> bool:
        """Whether the input brings a configuration for a test."""
        fields = ("test_workflow_config", "test_workflow_config_s3_path")
        return self.mock and any(self.input.get(name) is not None for name in fields)

    @property
    def idempotency_key(self) -> str | None:
        """The key to claim; without one in the input there is nothing to check."""
        key = self.input.get("idempotency_key")
        return key if isinstance(key, str) and key and not self.injected else None

    @property
    def rest(self) -> JsonObject:
        """The input without what the bag keeps elsewhere."""
        return {key: value for key, value in self.input.items() if key not in CONFIGURATION_FIELDS}


def _required(holder: JsonObject, name: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidInput(name)
    return value
