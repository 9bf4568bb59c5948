"""The provider that needs no network and says so in every answer (Contract 7.5)."""

import hashlib

from tasks.smart_statebag.bag.json_value import Json, JsonObject, encode, encode_canonical
from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.llm.completion import Completion, CompletionRequest, Usage

DEFAULT_MODEL = "offline"
PROMPT_CHARACTERS = 160
CHARACTERS_PER_TOKEN = 4


class OfflineProvider:
    """Answers are a function of the request alone."""

    def complete(self, request: CompletionRequest) -> Completion:
        """The marked digest and beginning of the prompt, or the smallest value of the schema."""
        model = request.model or DEFAULT_MODEL
        value: Json = None
        if request.response_schema is None:
            digest = hashlib.sha256(encode_canonical([request.system, request.prompt])).hexdigest()
            text = f"[offline:{model}] {digest[:12]} {request.prompt[:PROMPT_CHARACTERS]}"
        else:
            value = smallest_value(request.response_schema)
            text = encode(value).decode()
        asked = len(request.system) + len(request.prompt)
        usage = Usage(
            input_tokens=asked // CHARACTERS_PER_TOKEN,
            output_tokens=len(text) // CHARACTERS_PER_TOKEN,
        )
        return Completion(text=text, value=value, usage=usage, model=model, provider="offline")


def smallest_value(schema: JsonObject) -> Json:
    """The smallest value that fits a JSON schema of the common keywords."""
    if "const" in schema:
        return schema["const"]
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    for keyword in ("anyOf", "oneOf"):
        alternatives = objects(schema.get(keyword))
        if alternatives:
            return smallest_value(alternatives[0])
    given = schema.get("type", "object" if "properties" in schema else "null")
    kind = given[0] if isinstance(given, list) and given else given
    return _OF_TYPE.get(str(kind), _nothing)(schema)


def _smallest_object(schema: JsonObject) -> Json:
    properties, required = schema.get("properties"), schema.get("required")
    known = properties if isinstance(properties, dict) else {}
    names = (
        [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    )
    return {name: _smallest_member(known.get(name)) for name in names}


def _smallest_member(schema: Json) -> Json:
    return smallest_value(schema) if isinstance(schema, dict) else None


def _smallest_array(schema: JsonObject) -> Json:
    return [_smallest_member(schema.get("items")) for _ in range(_whole(schema, "minItems"))]


def _smallest_string(schema: JsonObject) -> Json:
    return "x" * _whole(schema, "minLength")


def _smallest_number(schema: JsonObject) -> Json:
    least = schema.get("minimum", 0)
    return least if isinstance(least, int | float) and least > 0 else 0


def _false(schema: JsonObject) -> Json:
    return False


def _nothing(schema: JsonObject) -> Json:
    return None


def _whole(schema: JsonObject, keyword: str) -> int:
    value = schema.get(keyword)
    return value if isinstance(value, int) and value > 0 else 0


_OF_TYPE = {
    "object": _smallest_object,
    "array": _smallest_array,
    "string": _smallest_string,
    "number": _smallest_number,
    "integer": _smallest_number,
    "boolean": _false,
    "null": _nothing,
}
