"""Names and ARNs of a distributed Map's run and of its child executions.

AWS Step Functions Developer Guide, "Map Run"; the identifiers are derived from those of the
ledger, so that whoever knows a frame knows its ARN.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from config.settings import Settings
from pipeline.frame import Frame
from pipeline.language.definition import StateMachine
from pipeline.language.states.map import Map

_NAMESPACE = UUID("6f2b5c0e-4d0c-5f43-9f43-0d8c4a3b9e11")


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRunNames:
    """What a map run is called.

    Attributes:
        prefix: Region and account as ARNs have them, ``us-east-1:000000000000``.
        machine: ``<state machine>/<label>``, the name of the machine that the children run.
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
        """ARN of the state machine that the children run."""
        return f"arn:aws:states:{self.prefix}:stateMachine:{self.machine}"

    def execution_arn(self, name: str) -> str:
        """ARN of the child execution of that name."""
        return f"arn:aws:states:{self.prefix}:execution:{self.machine}:{name}"


def map_run_names(
    settings: Settings, machine: StateMachine, machine_name: str, parent: Frame, fan_out_id: str
) -> MapRunNames:
    """The names of the map run that a frame has started.

    Args:
        machine: The definition that the frame runs.
        machine_name: Its state machine's name.
        parent: The frame.
        fan_out_id: Id of the map run in the ledger.
    """
    state = machine.scopes[parent.scope].states[parent.state]
    label = state.label if isinstance(state, Map) else None
    return MapRunNames(
        prefix=f"{settings.region}:{settings.account_id}",
        machine=f"{machine_name}/{label or parent.state}",
        id=str(uuid5(_NAMESPACE, fan_out_id)),
    )


def child_execution_name(frame_id: str) -> str:
    """Name of the child execution that a frame of the ledger is."""
    return str(uuid5(_NAMESPACE, frame_id))
