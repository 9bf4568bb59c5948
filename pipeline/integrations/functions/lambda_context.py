"""The context object that a handler gets with its event.

AWS Lambda Developer Guide, "Using the Lambda context object to retrieve Python function
information".
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from uuid import uuid4

from pipeline.integrations.functions.function import MAX_CALL_SECONDS
from pipeline.integrations.functions.function_reference import (
    LATEST,
    FunctionReference,
    parse_function_reference,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaContext:
    """A Lambda context object.

    Attributes:
        function_name: The function's bare name.
        function_version: The version or alias in the reference; ``$LATEST`` without one.
        invoked_function_arn: ARN with the qualifier of the reference.
        aws_request_id: Identifier of this call, which a repeated call keeps.
        deadline: Epoch seconds after which the result is discarded.
        memory_limit_in_mb: A text, as in Lambda; it limits nothing.
        log_group_name: ``/aws/lambda/<name>``.
        log_stream_name: One for each worker process.
        identity, client_context: Only mobile applications have these; always None.
        clock: Gives the epoch seconds.
    """

    function_name: str
    function_version: str
    invoked_function_arn: str
    aws_request_id: str
    deadline: float
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    identity: None = None
    client_context: None = None
    clock: Callable[[], float] = time.time

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the deadline, at least 0."""
        return max(0, int((self.deadline - self.clock()) * 1000))


def lambda_context(
    reference: str,
    *,
    request_id: str,
    deadline: float | None,
    region: str,
    account_id: str,
    clock: Callable[[], float] = time.time,
) -> LambdaContext:
    """The context of one call.

    Args:
        reference: The function as the Task state names it.
        request_id: Identifier of the call.
        deadline: Epoch seconds at which the state times out, or None for Lambda's own limit.
        region: Region of the ARN if the reference has none.
        account_id: Account of the ARN if the reference has none.
        clock: Gives the epoch seconds.
    """
    parsed = parse_function_reference(reference)
    if parsed is None:
        raise ValueError(f"'{reference}' is not the name or ARN of a function")
    return LambdaContext(
        function_name=parsed.name,
        function_version=parsed.qualifier or LATEST,
        invoked_function_arn=_arn(reference, parsed, region, account_id),
        aws_request_id=request_id,
        deadline=clock() + MAX_CALL_SECONDS if deadline is None else deadline,
        memory_limit_in_mb="128",
        log_group_name=f"/aws/lambda/{parsed.name}",
        log_stream_name=log_stream_name(),
        clock=clock,
    )


def _arn(reference: str, parsed: FunctionReference, region: str, account_id: str) -> str:
    if reference.startswith("arn:"):
        return reference
    account_id = parsed.account_id or account_id
    arn = f"arn:aws:lambda:{region}:{account_id}:function:{parsed.name}"
    return arn if parsed.qualifier is None else f"{arn}:{parsed.qualifier}"


@cache
def log_stream_name() -> str:
    """Name of this process's log stream."""
    return f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{LATEST}]{uuid4().hex}"
