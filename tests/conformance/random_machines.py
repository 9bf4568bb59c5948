"""Random state machines: every state type, nested to a depth of four, in both query languages.

They always end and depend neither on chance nor on time, so that two interpreters must agree.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

FUNCTIONS = ("echo", "double", "fail")
"""Functions of the test platforms: the event again, twice the event's number, an error."""

DEPTH = 4

State = dict[str, Any]

inputs = st.fixed_dictionaries(
    {"n": st.integers(0, 3), "l": st.lists(st.integers(-2, 2), max_size=3)}
)
"""What every state finds in its input, and leaves there: a number and a list of numbers."""

_PASS_STATES: tuple[State, ...] = (
    {"Result": {"k": [1, None]}, "ResultPath": "$.r"},
    {"Parameters": {"m.$": "States.MathAdd($.n, 1)"}, "ResultPath": "$.p"},
    {"Parameters": {"f.$": "States.Format('{}', $.l)"}, "ResultPath": "$.p"},
    {"QueryLanguage": "JSONata", "Output": "{% $merge([$states.input, {'j': [1..3]}]) %}"},
    {"QueryLanguage": "JSONata", "Output": {"n": "{% $states.input.n %}", "l": [2]}},
    {"Parameters": {"lost.$": "$.nowhere"}},
)


@st.composite
def machines(draw: st.DrawFn) -> dict[str, Any]:
    """A whole machine."""
    return _scope(draw, itertools.count(1), DEPTH)


def _scope(draw: st.DrawFn, numbers: Iterator[int], depth: int) -> dict[str, Any]:
    """A scope of up to three states, made from its end so that each knows where it goes."""
    states: dict[str, State] = {}
    following: str | None = None
    for _ in range(draw(st.integers(1, 3))):
        name = f"State {next(numbers)}"
        leaves = following
        state = _state(draw, numbers, depth)
        states[name] = state | ({"End": True} if leaves is None else {"Next": leaves})
        following = name
        if state["Type"] in ("Task", "Parallel", "Map") and draw(st.booleans()):
            target = _somewhere(draw, numbers, states, leaves)
            catcher = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": target}
            states[name]["Catch"] = [catcher]
        if draw(st.integers(0, 3)) == 0:
            following = _choice(draw, numbers, states, name, leaves)
    return {"StartAt": following, "States": states}


def _state(draw: st.DrawFn, numbers: Iterator[int], depth: int) -> State:
    kinds = ["Pass", "Wait", "Task", "Task"] + ["Parallel", "Map"] * (depth > 1)
    match draw(st.sampled_from(kinds)):
        case "Wait":
            return {"Type": "Wait", "Seconds": 0}
        case "Task":
            return _task(draw)
        case "Parallel":
            count = draw(st.integers(1, 2))
            branches = [_scope(draw, numbers, depth - 1) for _ in range(count)]
            return {"Type": "Parallel", "Branches": branches, "ResultPath": "$.b"}
        case "Map":
            return _map(draw, numbers, depth)
        case _:
            return {"Type": "Pass", **draw(st.sampled_from(_PASS_STATES))}


def _task(draw: st.DrawFn) -> State:
    function = draw(st.sampled_from(FUNCTIONS))
    return {
        "Type": "Task",
        "Resource": f"arn:aws:lambda:us-east-1:000000000000:function:{function}",
        "InputPath": "$.n",
        "ResultPath": draw(st.sampled_from(["$.t", "$.t.u", None])),
    }


def _map(draw: st.DrawFn, numbers: Iterator[int], depth: int) -> State:
    config = draw(
        st.sampled_from([{"Mode": "INLINE"}, {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}])
    )
    return {
        "Type": "Map",
        "ItemsPath": "$.l",
        "ItemSelector": {"n.$": "$$.Map.Item.Index", "l": [draw(st.integers(0, 2))]},
        "ItemProcessor": {"ProcessorConfig": config, **_scope(draw, numbers, depth - 1)},
        "MaxConcurrency": draw(st.integers(0, 2)),
        "ResultPath": "$.m",
    }


def _choice(
    draw: st.DrawFn, numbers: Iterator[int], states: dict[str, State], name: str, leaves: str | None
) -> str:
    """Put a Choice before a state that may skip it; gives the Choice's name."""
    rule: State = {"Next": _somewhere(draw, numbers, states, leaves)}
    choice: State = {"Type": "Choice", "Choices": [rule], "Default": name}
    if draw(st.booleans()):
        rule |= {"Variable": "$.n", "NumericGreaterThan": draw(st.integers(0, 3))}
    else:
        rule["Condition"] = f"{{% $count($states.input.l) > {draw(st.integers(0, 3))} %}}"
        choice["QueryLanguage"] = "JSONata"
    states[f"Choice before {name}"] = choice
    return f"Choice before {name}"


def _somewhere(
    draw: st.DrawFn, numbers: Iterator[int], states: dict[str, State], leaves: str | None
) -> str:
    """Where the scope goes on; or, at its end, one of the states that end a scope."""
    if leaves is not None:
        return leaves
    fail: State = {"Type": "Fail", "Error": "Chosen", "Cause": "by chance"}
    name = f"End {next(numbers)}"
    states[name] = draw(st.sampled_from([{"Type": "Succeed"}, fail]))
    return name
