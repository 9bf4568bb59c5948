"""The flow of a state's data through its fields: one class for each query language.

Both have the same three methods: ``filtered_input``, ``effective_input`` and ``leave``.
"""

from typing import TypeAlias

from pipeline.language.json_path_flow import JsonPathFlow
from pipeline.language.jsonata_flow import JsonataFlow

DataFlow: TypeAlias = JsonPathFlow | JsonataFlow
