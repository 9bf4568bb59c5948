"""Fields of a state that are computed when the state runs, in either query language.

An *expression* is one value: a path (JSONPath) or ``{% ... %}`` (JSONata). A *template* is a whole
JSON value with computed parts: a payload template (JSONPath) or JSON that holds ``{% ... %}``.
"""

from typing import TypeAlias

from pipeline.language.errors import ExecutionError
from pipeline.language.input_output import in_state
from pipeline.language.json_value import Json
from pipeline.language.jsonata_field import JsonataField
from pipeline.language.query.json_path import JsonPath
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.visit import Visit

Expression: TypeAlias = JsonPath | JsonataField
"""The computed form of TimeoutSeconds, MaxConcurrency, Items and so on."""

Template: TypeAlias = PayloadTemplate | JsonataField
"""Parameters, ItemSelector, BatchInput and so on."""


def fill(template: Template, document: Json, visit: Visit) -> Json:
    """The value of a template.

    Args:
        template: The field.
        document: ``$`` of a payload template.
        visit: The visit to the state.

    Raises:
        ExecutionError: The error of the template; its cause names the state.
    """
    if isinstance(template, JsonataField):
        return template.evaluate(visit)
    try:
        return template.evaluate(visit.evaluation(document))
    except ExecutionError as error:
        raise in_state(error, visit) from error
