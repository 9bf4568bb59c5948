"""Parses ItemBatcher (specification: "Map State")."""

from pipeline.language.data_limits import MAX_BYTES
from pipeline.language.parsing.numbers import read_integer
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.templates import read_template
from pipeline.language.query_language import QueryLanguage
from pipeline.language.states.item_batcher import ItemBatcher

_LIMITS = ("MaxItemsPerBatch", "MaxInputBytesPerBatch")


def read_item_batcher(state: ObjectReader) -> ItemBatcher | None:
    """The ItemBatcher of a Map state; None if there is none, or after a problem."""
    reader = state.object("ItemBatcher")
    if reader is None:
        return None
    in_json_path = reader.language is QueryLanguage.JSON_PATH
    given = [name in reader or (in_json_path and f"{name}Path" in reader) for name in _LIMITS]
    if not any(given):
        reader.problem("One of the fields 'MaxItemsPerBatch', 'MaxInputBytesPerBatch' is needed")
    batcher = ItemBatcher(
        max_items_per_batch=read_integer(reader, "MaxItemsPerBatch", minimum=1),
        max_input_bytes_per_batch=read_integer(
            reader, "MaxInputBytesPerBatch", minimum=1, maximum=MAX_BYTES
        ),
        batch_input=read_template(reader, "BatchInput"),
    )
    reader.reject_unknown_fields("an ItemBatcher")
    return batcher
