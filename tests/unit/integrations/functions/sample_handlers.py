"""Handlers that do what handlers do, for the tests beside it."""

import sys
from decimal import Decimal

from pipeline.integrations.functions.lambda_context import LambdaContext


class NotReady(Exception):
    """Raised by a handler of these tests."""


def echo(event, context):
    return event


def spoil(event, context):
    event["items"].append("spoilt")
    return event


def describe(event, context: LambdaContext):
    return {"name": context.function_name, "left": context.get_remaining_time_in_millis()}


def fail(event, context):
    return _look_up(event)


def _look_up(event):
    raise NotReady(f"no index for {event}")


def fail_with_a_lone_surrogate(event, context):
    raise NotReady("\udcff")


def leave(event, context):
    sys.exit(event)


def interrupt(event, context):
    raise KeyboardInterrupt


def return_a_set(event, context):
    return {"found": {1, 2}}


def return_nan(event, context):
    return float("nan")


def return_what_json_knows_otherwise(event, context):
    return {"pair": (1, 2), 3: Decimal("0.5"), "none": None}
