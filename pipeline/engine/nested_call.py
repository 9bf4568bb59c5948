"""A call that starts an execution, and the frame that makes it."""

from dataclasses import dataclass

from pipeline.language.json_value import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedCall:
    """A call of ``states:startExecution``.

    Attributes:
        arguments: Its effective parameters.
        execution_arn: ARN of the calling execution.
        is_awaited: Whether the state waits until the new execution ends.
    """

    arguments: Json
    execution_arn: str
    is_awaited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The frame that makes a call, and which of its calls that is.

    Attributes:
        version: The frame's version now, which is another one when the call is repeated.
        call: ``<redrive>.<number>``, the same however often the call is made: a frame counts its
            calls, and counts anew when it is redriven.
    """

    frame_id: str
    version: int
    call: str
