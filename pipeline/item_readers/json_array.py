"""Items from a JSON file that holds an array (InputType ``JSON``)."""

from collections.abc import Iterator

from pipeline.language.errors import ITEM_READER_FAILED, ExecutionError
from pipeline.language.json_value import Json, loads


def json_array(content: bytes) -> Iterator[Json]:
    """The elements of the array.

    Raises:
        ExecutionError: States.ItemReaderFailed; it is not JSON, or not an array.
    """
    try:
        document = loads(content)
    except ValueError as error:
        raise ExecutionError(
            ITEM_READER_FAILED, f"The content of the file is not valid JSON: {error}"
        ) from error
    if not isinstance(document, list):
        raise ExecutionError(ITEM_READER_FAILED, "Attempting to map over non-iterable node.")
    return iter(document)
