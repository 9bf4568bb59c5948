"""Checks the arguments of ``lambda:invoke`` that the definition spells out.

AWS Step Functions Developer Guide, "Invoke an AWS Lambda function with Step Functions".
"""

from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.query_language import QueryLanguage

_REQUIRED = "FunctionName"
_FIELDS = (_REQUIRED, "ClientContext", "InvocationType", "LogType", "Payload", "Qualifier")


def check_lambda_arguments(state: ObjectReader) -> None:
    """Report a missing FunctionName, and fields that Lambda's Invoke does not have."""
    in_jsonata = state.language is QueryLanguage.JSONATA
    field, suffix = ("Arguments", "") if in_jsonata else ("Parameters", ".$")
    if field not in state:
        state.require(field)
        return
    if not isinstance(state.value(field), dict) or (arguments := state.object(field)) is None:
        return  # an expression, or a wrong type, which is reported elsewhere
    given = {name.removesuffix(suffix) for name in arguments.fields}
    if _REQUIRED not in given:
        arguments.problem(f'The field "{_REQUIRED}" is required but was missing')
    for name in arguments.fields:
        if name.removesuffix(suffix) not in _FIELDS:
            arguments.problem(f'The field "{name}" is not supported by Step Functions', name)
