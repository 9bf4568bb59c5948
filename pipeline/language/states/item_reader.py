"""ItemReader: where a distributed Map gets its items from (specification: "Map State")."""

from dataclasses import dataclass

from pipeline.language.input_output import fill
from pipeline.language.json_value import Json
from pipeline.language.numeric_fields import whole_number
from pipeline.language.outcomes import ItemSource
from pipeline.language.query.json_path import JsonPath
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.visit import Visit

LARGEST_MAX_ITEMS = 100_000_000
"""The most items that a map run takes, whatever MaxItems says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReader:
    """An ItemReader.

    Attributes:
        resource: The S3 action that reads.
        parameters: Template of the action's parameters.
        input_type: ReaderConfig's InputType.
        max_items: Items that are taken at most, or the path that says it, or None.
    """

    resource: str
    parameters: PayloadTemplate
    input_type: str
    max_items: int | JsonPath | None


def item_source(reader: ItemReader, document: Json, visit: Visit) -> ItemSource:
    """What is to be read.

    Raises:
        ExecutionError: Parameters or MaxItemsPath cannot be evaluated.
    """
    arguments = fill(reader.parameters, document, visit)
    limit = LARGEST_MAX_ITEMS if reader.max_items is None else reader.max_items
    return ItemSource(
        resource=reader.resource,
        arguments=arguments if isinstance(arguments, dict) else {},
        input_type=reader.input_type,
        max_items=whole_number("MaxItems", limit, document, visit, least=1),
    )
