"""Finding the function that a reference means.

First those of the functions file, then those that were created over the API, and at last, where
``AWS_ENDPOINT_URL_LAMBDA`` is set, any function that exists there.
"""

import os

from pipeline.engine.engine import Engine
from pipeline.integrations.functions.function import Function, LambdaFunction
from pipeline.integrations.functions.function_reference import parse_function_reference
from pipeline.integrations.functions.functions import FunctionNotFound
from pipeline.integrations.functions.lambda_service import ENDPOINT


def find_function(engine: Engine, reference: str, *, account_id: str, region: str) -> Function:
    """The function that a Task state invokes.

    Args:
        engine: Knows the functions.
        reference: As ``Functions.find`` takes it.
        account_id, region: Where the function is, if the reference does not say.

    Raises:
        FunctionNotFound: Nothing of that name is known.
    """
    try:
        return find_own_function(engine, reference, account_id=account_id, region=region)
    except FunctionNotFound:
        parsed = parse_function_reference(reference)
        if parsed is None or not os.environ.get(ENDPOINT):
            raise
    queue = engine.settings.default_queue
    return LambdaFunction(name=parsed.name, reference=parsed.unqualified, queue=queue)


def find_own_function(engine: Engine, reference: str, *, account_id: str, region: str) -> Function:
    """The function of this installation that a reference means.

    Raises:
        FunctionNotFound: Nothing of that name is known.
    """
    try:
        return engine.functions.listed.find(reference)
    except FunctionNotFound:
        stored = engine.functions.stored.find(reference, account_id=account_id, region=region)
        if stored is None:
            raise
        return stored
