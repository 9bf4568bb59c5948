"""Names and ARNs of a distributed Map's run and of its child executions.

AWS Step Functions Developer Guide, "Map Run"; the identifiers are derived from those of the ledger,
so that a frame's id yields its ARN and the ARN yields the id.
"""

from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID, uuid5

from pipeline.integrations.arns import Arn
from pipeline.interpreter.frame import Frame
from pipeline.language.context_object import ExecutionContext
from pipeline.language.state_machine import StateMachine
from pipeline.language.states.map import Map
from pipeline.ledger.fan_out_id import ChildId

_NAMESPACE = UUID("6f2b5c0e-4d0c-5f43-9f43-0d8c4a3b9e11")
_STEM_DIGITS = 20
"""Hexadecimal digits of an UUID that name the map run; the others count its child executions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRunNames:
    """The names of a map run.

    Attributes:
        prefix: Region and account as ARNs have them, ``us-east-1:000000000000``.
        machine: ``<state machine>/<label>``, the name of the children's state machine.
        id: UUID of the map run.
    """

    prefix: str
    machine: str
    id: str

    @property
    def arn(self) -> str:
        """ARN of the map run."""
        return f"arn:aws:states:{self.prefix}:mapRun:{self.machine}:{self.id}"

    @property
    def machine_arn(self) -> str:
        """ARN of the children's state machine."""
        return f"arn:aws:states:{self.prefix}:stateMachine:{self.machine}"

    def execution_arn(self, name: str) -> str:
        """ARN of the child execution of that name."""
        return f"arn:aws:states:{self.prefix}:execution:{self.machine}:{name}"


def map_run_names(
    execution: ExecutionContext, machine: StateMachine, parent: Frame, fan_out_id: str
) -> MapRunNames:
    """The names of the map run that a frame has started.

    Args:
        execution: The frame's execution.
        machine: The definition that it runs.
        parent: The frame.
        fan_out_id: Id of the map run in the ledger.
    """
    state = machine.scopes[parent.scope].states[parent.state]
    label = state.label if isinstance(state, Map) else None
    arn = Arn.parse(execution.machine_arn)
    return MapRunNames(
        prefix=f"{arn.region}:{arn.account_id}",
        machine=f"{execution.machine_name}/{label or parent.state}",
        id=_named(_stem(fan_out_id), 0),
    )


def child_execution_name(frame_id: str) -> str:
    """The name of a child execution."""
    child = ChildId.parse(frame_id)
    return _named(_stem(child.fan_out_id), child.position + 1)


def child_execution_arn(map_run_arn: str, frame_id: str) -> str:
    """The ARN of a child execution, from the ARN of its map run and the id of its frame."""
    prefix, _, _ = map_run_arn.replace(":mapRun:", ":execution:", 1).rpartition(":")
    return f"{prefix}:{child_execution_name(frame_id)}"


def child_machine_arn(map_run_arn: str) -> str:
    """The ARN of the child executions' state machine, from the ARN of their map run."""
    arn, _, _ = map_run_arn.replace(":mapRun:", ":stateMachine:", 1).rpartition(":")
    return arn


def child_of(name: str) -> tuple[str, int] | None:
    """The UUID of a child execution's map run and the child's position; None for any other name."""
    try:
        digits = UUID(name).hex
    except ValueError:
        return None
    stem = digits[:_STEM_DIGITS]
    position = int(digits[_STEM_DIGITS:], 16) ^ _mask(stem)
    if str(UUID(digits)) != name or position == 0:
        return None
    return _named(stem, 0), position - 1


def _stem(fan_out_id: str) -> str:
    """The digits that the UUIDs of a map run and of its child executions share."""
    return uuid5(_NAMESPACE, fan_out_id).hex[:_STEM_DIGITS]


def _named(stem: str, number: int) -> str:
    """The UUID of a map run (0), or of a child execution (from 1)."""
    return str(UUID(f"{stem}{number ^ _mask(stem):012x}"))


def _mask(stem: str) -> int:
    return int.from_bytes(blake2b(stem.encode(), digest_size=6).digest())
