"""Whether a mocked result is one that the mocked API could give, by botocore's own model of it.

AWS Step Functions Developer Guide, "Testing state machines with TestState": the names of fields,
their case and their types.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.session import Session

from pipeline.language.definition import State
from pipeline.language.json_value import Json
from pipeline.language.resource import Resource
from pipeline.language.states.task import Task
from pipeline.state_tests.state_test import InvalidStateTest

_SDK = "aws-sdk:"

_MODELS = {
    "cloudwatchlogs": "logs",
    "eventbridge": "events",
    "sfn": "stepfunctions",
    "states": "stepfunctions",
}
"""Services that botocore names otherwise than Step Functions does."""


def check_mocked_result(state: State, result: Json, mode: str) -> None:
    """Refuse a result that the API of a Task state's resource could not give.

    Args:
        state: The state that is tested.
        result: What the mock gives.
        mode: STRICT, PRESENT (which lets required fields be missing) or NONE.

    Raises:
        InvalidStateTest: It does not have the API's shape.
    """
    if mode == "NONE" or not isinstance(state, Task):
        return
    shape = _output_shape(state.resource)
    if shape is None:
        return
    problem = next(_problems(result, shape, "", is_strict=mode == "STRICT"), None)
    if problem is not None:
        raise InvalidStateTest(f"Mock result schema validation error: {problem}")


def _output_shape(resource: Resource) -> Any:
    """The shape of what the resource's API gives; None for what is no request to an API."""
    if resource.is_bare_function or resource.is_activity or resource.pattern:
        return None
    return _shape_of(resource.service.removeprefix(_SDK), resource.action)


@cache
def _shape_of(service: str, action: str) -> Any:
    try:
        model = Session().get_service_model(_MODELS.get(service, service))
    except UnknownServiceError:
        return None
    names = {name.lower(): name for name in model.operation_names}
    name = names.get(action.lower())
    return None if name is None else model.operation_model(name).output_shape


def _problems(value: Json, shape: Any, place: str, *, is_strict: bool) -> Iterator[str]:
    expected = _TYPES.get(shape.type_name)
    if expected is not None and not (isinstance(value, expected[1]) and _is_no_flag(value, shape)):
        yield f"Field '{place or '$'}' must be {expected[0]}"
        return
    match shape.type_name, value:
        case "structure", dict():
            yield from _of_structure(value, shape, place, is_strict=is_strict)
        case "list", list():
            for index, item in enumerate(value):
                yield from _problems(item, shape.member, f"{place}[{index}]", is_strict=is_strict)
        case "map", dict():
            for key, item in value.items():
                yield from _problems(item, shape.value, f"{place}.{key}", is_strict=is_strict)


def _of_structure(
    value: Mapping[str, Json], shape: Any, place: str, *, is_strict: bool
) -> Iterator[str]:
    members = {_pascal(name): member for name, member in shape.members.items()}
    for name, item in value.items():
        if name in members:
            yield from _problems(item, members[name], _below(place, name), is_strict=is_strict)
        elif name.lower() in {member.lower() for member in members}:
            yield f"Field '{_below(place, name)}' does not have the case of the API's field"
    if is_strict:
        for name in map(_pascal, shape.required_members):
            if name not in value:
                yield f"Required field '{_below(place, name)}' is missing"


def _pascal(name: str) -> str:
    """A member's name as Step Functions spells it."""
    return name[:1].upper() + name[1:]


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _is_no_flag(value: Json, shape: Any) -> bool:
    """Whether a truth value does not stand for a number, as which Python would take it."""
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
"""What JSON has for the model's types; blobs, timestamps and documents have several forms."""
