"""JSONata's transform operator: ``document ~> |pattern|update, delete|``.

The library copies the document by its text, which turns nulls into undefined.
"""

from collections.abc import Callable
from typing import Any

from jsonata.utils import Utils

from pipeline.language.query.jsonata_failure import failure
from pipeline.language.query.jsonata_values import copied

_Evaluate = Callable[[Any, Any], Any]


def transformed(document: Any, syntax: Any, evaluate: _Evaluate) -> Any:
    """A copy of a document with every match of the pattern changed.

    Args:
        document: An object, an array or None for undefined.
        syntax: The operator's node.
        evaluate: Returns the value of a node on a context.
    """
    if document is None:
        return None
    result = copied(document)
    matches = evaluate(syntax.pattern, result)
    for match in matches if isinstance(matches, list) else [matches]:
        if isinstance(match, dict):
            _change(match, syntax, evaluate)
    return result


def _change(match: dict[str, Any], syntax: Any, evaluate: _Evaluate) -> None:
    update = evaluate(syntax.update, match)
    if update is not None:
        if not isinstance(update, dict):
            raise failure("T2011", update)
        match.update(update)
    deletions = None if syntax.delete is None else evaluate(syntax.delete, match)
    if deletions is not None:
        names = deletions if isinstance(deletions, list) else [deletions]
        if not Utils.is_array_of_strings(names):
            raise failure("T2012", deletions)
        for name in names:
            match.pop(name, None)
