"""A call that starts an execution, and the frame that makes it."""

from dataclasses import dataclass

from pipeline.language.json_value import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedCall:
    """A call of ``states:startExecution``.

    Attributes:
        arguments: Its effective parameters.
        execution_arn: Of the execution that makes it.
        is_awaited: Whether the state waits for the end of the execution that it starts.
    """

    arguments: Json
    execution_arn: str
    is_awaited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A frame at a version: the same call if a message comes again."""

    frame_id: str
    version: int
