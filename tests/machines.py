"""State machines for end-to-end tests, put together from single states."""

import itertools
from collections.abc import Mapping
from typing import Any

_state_numbers = itertools.count(1)


def call(function: str, **fields: Any) -> dict[str, Any]:
    """A Task state that invokes a function and ends its scope, unless ``fields`` say otherwise."""
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
    state = {"Type": "Task", "Resource": arn, **fields}
    return state if "Next" in fields else {**state, "End": True}


def call_with_token(function: str, payload: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A Task state that gives a function its task token and waits until it is answered."""
    return call(function) | {
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {
            "FunctionName": function,
            "Payload": {"token.$": "$$.Task.Token", **payload},
        },
        **fields,
    }


def only(state: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """A machine, branch or processor of one state, whose name is made unless it is given."""
    name = name or f"State {next(_state_numbers)}"
    return {"StartAt": name, "States": {name: state}}


def chosen_by(states: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A processor that enters the first of these states whose path is present in its input."""
    names = {path: f"At {path}" for path in states}
    rules = [{"Variable": path, "IsPresent": True, "Next": names[path]} for path in states]
    choice = {"Which": {"Type": "Choice", "Choices": rules}}
    return {
        "StartAt": "Which",
        "States": choice | {names[path]: dict(state) for path, state in states.items()},
    }


def each(processor: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A Map state that ends its scope."""
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


def distributed(state: Mapping[str, Any]) -> dict[str, Any]:
    """A processor of one state for a distributed Map."""
    return {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}} | only(state)


def side_by_side(*branches: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A Parallel state that ends its scope."""
    return {"Type": "Parallel", "Branches": list(branches), "End": True, **fields}
