"""Parts of which the tests build definitions, and what is wrong with the result."""

import pytest

from pipeline.language.definition import parse_definition
from pipeline.language.errors import InvalidDefinition
from pipeline.language.json_value import JsonObject

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:Hello"
END: JsonObject = {"Type": "Pass", "End": True}
ONE_STATE: JsonObject = {"StartAt": "Inner", "States": {"Inner": END}}
TASK: JsonObject = {"Type": "Task", "Resource": FUNCTION, "End": True}
PARALLEL: JsonObject = {"Type": "Parallel", "Branches": [ONE_STATE], "End": True}
MAP: JsonObject = {"Type": "Map", "ItemProcessor": ONE_STATE, "End": True}
DISTRIBUTED: JsonObject = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
DISTRIBUTED_MAP: JsonObject = {**MAP, "ItemProcessor": {**DISTRIBUTED, **ONE_STATE}}
CHOICE: JsonObject = {
    "Type": "Choice",
    "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Z"}],
}


def problems(document: str | JsonObject) -> list[tuple[str, str]]:
    with pytest.raises(InvalidDefinition) as refusal:
        parse_definition(document)
    return [(problem.place, problem.message) for problem in refusal.value.problems]


def machine(state: JsonObject, **others: JsonObject) -> JsonObject:
    return {"StartAt": "S", "States": {"S": state, **others}}


def without(fields: JsonObject, name: str) -> JsonObject:
    return {key: value for key, value in fields.items() if key != name}
