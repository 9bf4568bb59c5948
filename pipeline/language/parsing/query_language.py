"""Parses ``QueryLanguage`` of a state machine and of its states.

AWS: "Transforming data with JSONata": a state of a JSONPath machine may use JSONata, but not the
other way round. A state without QueryLanguage uses the machine's, at any depth.
"""

from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.query_language import QueryLanguage


def read_query_language(reader: ObjectReader) -> QueryLanguage:
    """The query language of a state machine or state; by default the reader's."""
    inherited = reader.language
    language = QueryLanguage(reader.one_of("QueryLanguage", tuple(QueryLanguage)) or inherited)
    if language is QueryLanguage.JSON_PATH and inherited is QueryLanguage.JSONATA:
        reader.problem(
            "A state of a JSONata state machine cannot have the query language JSONPath",
            "QueryLanguage",
        )
    return language
