"""State machines whose Task states start executions."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from pipeline.executions.lifecycle import find_execution
from pipeline.ledger.rows import ExecutionRow
from pipeline.ledger.state_machines import MachineType
from pipeline.state_machines.machines import create_state_machine
from tests.machines import call, only
from tests.platforms import Platform

AN_HOUR = 3600
SLEEPER = only({"Type": "Wait", "Seconds": AN_HOUR, "End": True})
DOUBLER = only(call("double"))


def created(
    platform: Platform,
    definition: Mapping[str, Any],
    machine_type: MachineType = MachineType.STANDARD,
) -> str:
    """A new state machine's ARN."""
    row = create_state_machine(
        platform.engine,
        name=f"nested-{uuid4().hex[:8]}",
        definition=json.dumps(definition),
        machine_type=machine_type,
    )
    return row.arn


def start_state(machine_arn: str, pattern: str = ".sync:2", **fields: Any) -> dict[str, Any]:
    """A Task state that starts an execution and ends its scope, unless ``fields`` say otherwise."""
    parameters = fields.pop("Parameters", {"Input.$": "$"})
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::states:startExecution{pattern}",
        "Parameters": {"StateMachineArn": machine_arn, **parameters},
        **fields,
    }
    return state if "Next" in fields else {**state, "End": True}


def nested_in(platform: Platform, caller: ExecutionRow, count: int = 1) -> list[ExecutionRow]:
    """The executions that an execution has started and waits for, as soon as there are so many."""
    found: list[ExecutionRow] = []

    def all_there() -> bool:
        submitted = [
            event.details["output"]["ExecutionArn"]
            for event in platform.history(caller)
            if event.type == "TaskSubmitted"
        ]
        found[:] = [find_execution(platform.engine, arn) for arn in submitted]
        return len(found) == count

    platform.until(all_there, what=lambda: f"{count} nested: {platform.types(caller)}")
    return found
