"""Where moto's Step Functions engine does otherwise than AWS, and what a file needs to run on it.

``docs/differences.md`` has the same list in prose.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Definition = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MotoFault:
    """One thing that moto does otherwise.

    Attributes:
        field: The field of a definition it is about.
        does: What moto does.
        decides: The AWS documentation that says what is right, and what it says.
        adapt: Changes a definition in place so that moto runs the rest of it.
    """

    field: str
    does: str
    decides: str
    adapt: Callable[[Definition], None]


def states_of(definition: Definition) -> Iterator[dict[str, Any]]:
    """Every state of a definition, those inside Maps too."""
    for state in definition["States"].values():
        yield state
        if "ItemProcessor" in state:
            yield from states_of(state["ItemProcessor"])


def _as_fraction(definition: Definition) -> None:
    for state in states_of(definition):
        if "ToleratedFailurePercentage" in state:
            state["ToleratedFailurePercentage"] = float(state["ToleratedFailurePercentage"])


def _without_result_writer(definition: Definition) -> None:
    for state in states_of(definition):
        state.pop("ResultWriter", None)


def _without_heartbeats(definition: Definition) -> None:
    for state in states_of(definition):
        state.pop("HeartbeatSeconds", None)


TOLERATED_PERCENTAGE = MotoFault(
    field="ToleratedFailurePercentage",
    does="refuses a whole number: 10 must be written 10.0; and does not count failures at all",
    decides="Step Functions Developer Guide, 'Setting failure thresholds for Distributed Map "
    "states in Step Functions': a number between 0 and 100; the Map run fails above it",
    adapt=_as_fraction,
)
RESULT_WRITER = MotoFault(
    field="ResultWriter",
    does="evaluates its Parameters on the Map's results, so that no path into the input is found, "
    "and writes a manifest without result files",
    decides="Step Functions Developer Guide, 'ResultWriter (Map)': Parameters take paths into the "
    "state's input; manifest.json names the SUCCEEDED_n.json, FAILED_n.json and PENDING_n.json "
    "files that hold the results",
    adapt=_without_result_writer,
)

HEARTBEAT = MotoFault(
    field="HeartbeatSeconds",
    does="does not see an answer that comes before the function returns which was given the "
    "token, and times out after HeartbeatSeconds",
    decides="Step Functions Developer Guide, 'Wait for a Callback with Task Token': the token can "
    "be sent back as soon as it is passed; API reference, SendTaskSuccess: the task completes",
    adapt=_without_heartbeats,
)

FAULTS = (TOLERATED_PERCENTAGE, RESULT_WRITER, HEARTBEAT)
