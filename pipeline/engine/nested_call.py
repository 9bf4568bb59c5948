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
    """The calling frame and its version, which identify the call when its message comes again."""

    frame_id: str
    version: int
