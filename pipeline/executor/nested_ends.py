"""The end of an execution that a Task state has started and waits for.

AWS Step Functions Developer Guide, "Launch Step Functions workflow executions from a Task state".
The frame holds no worker while it waits. The process that ends the execution wakes the frame; the
sweeper publishes that message again if it is lost.
"""

from pipeline.engine.engine import Engine
from pipeline.interpreter.frame import Frame, Phase
from pipeline.language.errors import TASK_FAILED
from pipeline.language.json_value import Json, JsonObject, dumps
from pipeline.language.outcomes import NestedFailed, NestedSucceeded
from pipeline.language.resource import Pattern, parse_resource
from pipeline.ledger import nested_executions
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus, FrameRow


def nested_end(
    engine: Engine, row: FrameRow, frame: Frame
) -> NestedSucceeded | NestedFailed | None:
    """How the execution has ended that a frame waits for; None while it runs, or if there is none.

    Args:
        engine: Reads the ledger.
        row: The row of the frame, which has waited since its last transition.
        frame: The frame.
    """
    if row.phase is not Phase.SUBMITTED or frame.invocation is None:
        return None
    resource = parse_resource(frame.invocation.resource)
    if not resource.is_sync:
        return None
    with engine.database.reading() as connection:
        nested = nested_executions.awaited_execution(connection, row.id, row.version - 1)
    if nested is None or nested.status is ExecutionStatus.RUNNING:
        return None
    if nested.status is ExecutionStatus.SUCCEEDED:
        parsed = resource.pattern is Pattern.SYNC_2
        return NestedSucceeded(output=_description(engine, nested, parsed=parsed))
    return NestedFailed(error=TASK_FAILED, cause=dumps(_description(engine, nested, parsed=False)))


def _description(engine: Engine, row: ExecutionRow, *, parsed: bool) -> JsonObject:
    """An execution that has ended, as DescribeExecution describes it, with capitalised names.

    Args:
        engine: Unpacks its input and output.
        row: The execution.
        parsed: Whether these are given as JSON (``.sync:2``) or as texts.
    """
    described: JsonObject = {
        "ExecutionArn": row.arn,
        "Name": row.name,
        "StartDate": milliseconds(row.started_at),
        "StateMachineArn": row.machine_arn,
        "Status": row.status.value,
        **_document("Input", engine.payloads.unpack(row.input), parsed=parsed),
    }
    if row.output is not None:
        output = engine.payloads.unpack(row.output)
        described |= _document("Output", output, parsed=parsed)
    if row.stopped_at is not None:
        described["StopDate"] = milliseconds(row.stopped_at)
    optional = {
        "Cause": row.cause or None,
        "Error": row.error or None,
        "StateMachineAliasArn": row.alias_arn,
        "StateMachineVersionArn": row.version_arn,
        "TraceHeader": row.trace_header,
    }
    described |= {name: text for name, text in optional.items() if text is not None}
    return dict(sorted(described.items()))


def _document(name: str, value: Json, *, parsed: bool) -> JsonObject:
    shown = value if parsed else dumps(value)
    return {name: shown, f"{name}Details": {"Included": True}}


def milliseconds(at: float) -> int:
    """A time in epoch seconds as these results show times."""
    return round(at * 1000)
