"""Intrinsic functions for whole JSON values: to text and back, and merging."""

from pipeline.language.json_value import Json, dumps, loads
from pipeline.language.query.intrinsics.arguments import InvalidArgument, json_object, string


def string_to_json(text: Json) -> Json:
    """States.StringToJson: the value of a JSON text; null for a blank text."""
    written = string(text, "first")
    if not written.strip():
        return None
    try:
        return loads(written)
    except (
        ValueError,
        RecursionError,
    ) as error:  # RecursionError: nested too deeply for the parser
        raise InvalidArgument(f"The first argument must be valid JSON: {error}") from None


def json_to_string(value: Json) -> Json:
    """States.JsonToString: the compact JSON text of a value."""
    return dumps(value)


def merge(left: Json, right: Json, deep: Json) -> Json:
    """States.JsonMerge: the fields of both objects; those of the second win.

    Args:
        left: First object.
        right: Second object.
        deep: Must be false: the language does not have deep merging yet.
    """
    if deep is not False:
        raise InvalidArgument("The third argument must be false: only shallow merging is supported")
    return {**json_object(left, "first"), **json_object(right, "second")}
