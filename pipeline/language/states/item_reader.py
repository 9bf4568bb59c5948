"""ItemReader: the source of a distributed Map's items (specification: "Map State")."""

from dataclasses import asdict, dataclass

from pipeline.language.fields import Expression, Template, fill
from pipeline.language.json_value import Json
from pipeline.language.map_run_plan import ItemSource, ReaderConfig
from pipeline.language.numeric_fields import whole_number
from pipeline.language.visit import Visit

GET_OBJECT = "arn:aws:states:::s3:getObject"
LIST_OBJECTS = "arn:aws:states:::s3:listObjectsV2"

MAX_ITEMS_LIMIT = 100_000_000
"""AWS's limit of items of one map run, also if MaxItems exceeds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReader:
    """An ItemReader.

    Attributes:
        resource: The S3 action that reads.
        parameters: Template of the action's parameters.
        config: How to make items from what it reads.
        max_items: The maximum number of items, or its path; 0 or None for all.
    """

    resource: str
    parameters: Template
    config: ReaderConfig
    max_items: int | Expression | None


def item_source(reader: ItemReader, document: Json, visit: Visit) -> ItemSource:
    """The source of the items, with evaluated fields.

    Raises:
        ExecutionError: Parameters or MaxItemsPath cannot be evaluated.
    """
    arguments = fill(reader.parameters, document, visit)
    return ItemSource(
        resource=reader.resource,
        arguments=arguments if isinstance(arguments, dict) else {},
        max_items=_most_items(reader.max_items or 0, document, visit),
        **asdict(reader.config),
    )


def _most_items(value: int | Expression, document: Json, visit: Visit) -> int:
    number = whole_number("MaxItems", value, document, visit, least=None)
    return min(number or MAX_ITEMS_LIMIT, MAX_ITEMS_LIMIT)
