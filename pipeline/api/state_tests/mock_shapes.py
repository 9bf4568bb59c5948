"""Checks a mocked result against botocore's model of the mocked API.

AWS Step Functions Developer Guide, "Testing state machines with TestState": the names of fields,
their case and their types.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.api.state_tests.state_test import InvalidStateTest
from pipeline.integrations.services.service_actions import OPTIMISED, find_action, service_model
from pipeline.integrations.services.service_names import optimised_field
from pipeline.language.json_value import Json
from pipeline.language.resource import Resource
from pipeline.language.state_machine import State
from pipeline.language.states.task import Task

_OWN_OPERATIONS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("lambda", "invoke"): ("lambda", "Invoke"),
    ("states", "startExecution"): ("stepfunctions", "StartExecution"),
}
"""Actions that are called by other ways than the services' models: their models in botocore."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """The shape of a result, and how Step Functions spells the members of shapes."""

    shape: Any
    field_name: Callable[[str], str]
    is_strict: bool


def check_mocked_result(state: State, result: Json, mode: str) -> None:
    """Reject a result that the API of a Task state's resource cannot return.

    Args:
        state: The state that is tested.
        result: The mocked result.
        mode: STRICT, PRESENT (which lets required fields be missing) or NONE.

    Raises:
        InvalidStateTest: It does not have the API's shape.
    """
    if mode == "NONE" or not isinstance(state, Task):
        return
    expected = _expected(state.resource, is_strict=mode == "STRICT")
    if expected is None or expected.shape is None:
        return
    problem = next(_problems(result, expected.shape, "$", expected), None)
    if problem is not None:
        raise InvalidStateTest(f"Mock result schema validation error: {problem}")


def _expected(resource: Resource, *, is_strict: bool) -> _Expected | None:
    """The shape of the API's result; None if the resource is not an API request."""
    if resource.is_bare_function or resource.is_activity or resource.pattern:
        return None
    if resource.is_sdk or resource.service in OPTIMISED:
        action = find_action(resource.service, resource.action)
        shape, name = action.operation.output_shape, action.field_name
        return _Expected(shape=shape, field_name=name, is_strict=is_strict)
    own = _OWN_OPERATIONS.get((resource.service, resource.action))
    if own is None:
        return None
    shape = service_model(own[0]).operation_model(own[1]).output_shape
    return _Expected(shape=shape, field_name=optimised_field, is_strict=is_strict)


def _problems(value: Json, shape: Any, name: str, expected: _Expected) -> Iterator[str]:
    """What is wrong with a value; AWS names the field by itself, without its place."""
    type_ = _TYPES.get(shape.type_name)
    if type_ is not None and not (isinstance(value, type_[1]) and _is_no_flag(value, shape)):
        yield f"Field '{name}' must be {type_[0]}"
        return
    match shape.type_name, value:
        case "structure", dict():
            yield from _of_structure(value, shape, expected)
        case "list", list():
            for item in value:
                yield from _problems(item, shape.member, name, expected)
        case "map", dict():
            for key, item in value.items():
                yield from _problems(item, shape.value, key, expected)


def _of_structure(value: Mapping[str, Json], shape: Any, expected: _Expected) -> Iterator[str]:
    members = {expected.field_name(name): member for name, member in shape.members.items()}
    for name, item in value.items():
        if name in members:
            yield from _problems(item, members[name], name, expected)
    if expected.is_strict:
        for name in map(expected.field_name, shape.required_members):
            if name not in value:
                yield f"Required field '{name}' is missing"


def _is_no_flag(value: Json, shape: Any) -> bool:
    """Rejects booleans as numbers, which Python would accept."""
    return shape.type_name == "boolean" or not isinstance(value, bool)


_TYPES: Mapping[str, tuple[str, type | tuple[type, ...]]] = {
    "structure": ("an object", dict),
    "map": ("an object", dict),
    "list": ("an array", list),
    "string": ("a string", str),
    "boolean": ("a boolean", bool),
    "integer": ("a number", int),
    "long": ("a number", int),
    "float": ("a number", (int, float)),
    "double": ("a number", (int, float)),
}
"""JSON's types for the model's; blobs, timestamps and documents have several forms."""
